/** Setting parameters of a configuration by their paths, as `--set` and sweeps do. */

import type { z } from 'zod';
import { type RunConfig, runConfigSchema } from './config.ts';
import {
  describeForeignParameter,
  type FieldKind,
  fieldKinds,
  networksWith,
  parametersOf,
} from './networks/registry.ts';
import { withOtherNetworks } from './presets.ts';
import { setsInterval } from './trainConfig.ts';

type Tree = Record<string, unknown>;

/** A parameter by its path, such as `optim.learningRate`, and its new value, which is not checked yet. */
export interface Assignment {
  readonly path: string;
  readonly value: unknown;
}

/** Returns the path of every parameter of a configuration, e.g. `field.dim`. */
export function configPaths(config: RunConfig): string[] {
  const walk = (tree: Tree, prefix: string): string[] =>
    Object.entries(tree).flatMap(([key, value]) =>
      isTree(value) ? walk(value, `${prefix}${key}.`) : [`${prefix}${key}`],
    );
  return walk(config as Tree, '');
}

/** Returns the value of a parameter by its path. */
export function parameterAt(config: RunConfig, path: string): unknown {
  return path.split('.').reduce<unknown>((tree, key) => (tree as Tree)[key], config);
}

/** Returns the paths that can be set: the parameters of all networks, without the preset, which names where a configuration came from. */
export function settablePaths(config: RunConfig): string[] {
  const ofNetworks = new Set(fieldKinds.flatMap(parametersOf));
  const others = configPaths(config).filter((path) => path !== 'preset' && !path.startsWith('field.'));
  return [...others, 'field.kind', ...Array.from(ofNetworks, (name) => `field.${name}`)];
}

/**
 * Sets parameters, whose paths are among `settablePaths`; later assignments win. Parameters of a newly chosen network start
 * from the preset's values; an interval in steps replaces a number of times per run.
 */
export function setParameters(
  config: RunConfig,
  assignments: readonly Assignment[],
): z.ZodSafeParseResult<RunConfig> {
  const changed = JSON.parse(JSON.stringify(withOtherNetworks(config))) as Tree;
  for (const { path, value } of assignments) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce<Tree>((tree, key) => tree[key] as Tree, changed);
    parent[last] = value;
  }
  if (setsInterval(assignments.map(({ path }) => path))) (changed['train'] as Tree)['timesPerRun'] = null;
  return runConfigSchema.safeParse(changed);
}

/** Explains why a path has no effect with this network, which lacks the parameter; null if it has it. */
export function findForeignParameter(kind: FieldKind, path: string): string | null {
  const [section, name] = path.split('.');
  if (section !== 'field' || networksWith(name).includes(kind)) return null;
  return describeForeignParameter(kind, name);
}

/** Describes what is wrong with a configuration: every parameter by its path, and what was expected. */
export function describeFaults(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
