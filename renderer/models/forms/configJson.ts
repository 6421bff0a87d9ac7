/** Formats a configuration as JSON and parses pasted JSON. */

import { describeError } from '../../../shared/text/describeError.ts';
import { runConfigSchema, type RunConfig } from '../../../shared/config/config.ts';
import {
  describeForeignParameter,
  type FieldConfig,
  networksWith,
} from '../../../shared/config/networks/registry.ts';
import { findPreset, resolvePreset, withOtherNetworks } from '../../../shared/config/presets.ts';
import { explainIssue } from './checkInputs.ts';

export type ReadConfig =
  | { readonly ok: true; readonly config: RunConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

type Tree = Readonly<Record<string, unknown>>;

/** Formats a configuration without its data source, which may be a folder on this machine. */
export function formatConfigJson(config: RunConfig): string {
  const data = Object.fromEntries(Object.entries(config.data).filter(([key]) => key !== 'source'));
  return JSON.stringify({ ...config, data }, null, 2);
}

/**
 * Parses a configuration or a part of one. Missing values come from the preset it names, else from `base`; the data
 * source is always that of `base`. A part must not have parameters of another network than its own; in a whole
 * configuration, which earlier versions stored with the parameters of all networks, they are dropped.
 */
export function readConfigJson(text: string, base: RunConfig): ReadConfig {
  let pasted: unknown;
  try {
    pasted = JSON.parse(text);
  } catch (error) {
    const reason = describeError(error);
    return { ok: false, problems: [`The text is not valid JSON: ${reason}.`] };
  }
  if (!isTree(pasted)) {
    return { ok: false, problems: ['Expected a configuration in braces, such as {"optim": {"ema": 0.99}}.'] };
  }
  const preset = typeof pasted.preset === 'string' ? findPreset(pasted.preset) : undefined;
  const merged = merge(withOtherNetworks(preset ? resolvePreset(preset) : base), pasted);
  const data = isTree(merged.data) ? { ...merged.data, source: base.data.source } : merged.data;
  const parsed = runConfigSchema.safeParse({ ...merged, data });
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.map(explainIssue).map(describeFault) };
  }
  const problems = isWhole(pasted) ? [] : findForeign(pasted, parsed.data.field);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: parsed.data };
}

/** Returns whether the program has written a configuration: it names its preset and its network. */
function isWhole({ preset, field }: Tree): boolean {
  return preset !== undefined && isTree(field) && field.kind !== undefined;
}

/** Explains every parameter of `field` that belongs to another network than the chosen one. */
function findForeign({ field }: Tree, { kind }: FieldConfig): string[] {
  const named = isTree(field) ? Object.entries(field) : [];
  return named
    .filter(([name]) => !networksWith(name).includes(kind))
    .map(
      ([name, value]) =>
        `field.${name} is ${JSON.stringify(value)}, but ${describeForeignParameter(kind, name)}. Remove it, or choose another network with field.kind.`,
    );
}

function describeFault({ path, message }: { path: string; message: string }): string {
  return path === '' ? message : `${path}: ${message}`;
}

function merge(base: Tree, change: Tree): Tree {
  const entries = Object.entries(change).map(([key, value]) => {
    const old = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isTree(old) && isTree(value) ? merge(old, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
