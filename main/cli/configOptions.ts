/** `--set path=value`: changes of single parameters, checked against the schema. */

import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import { applyBudget as withBudget } from '../../shared/config/longerBudget.ts';
import { findPreset, type Preset, presets } from '../../shared/config/presets.ts';
import { type OptionValues, UsageError } from './command.ts';
import { suggestNearest, readInteger, readPositive, valueOption } from './options.ts';

type Tree = Record<string, unknown>;

/** Every parameter's path, e.g. `field.dim`. */
export function configPaths(config: RunConfig): string[] {
  const walk = (tree: Tree, prefix: string): string[] =>
    Object.entries(tree).flatMap(([key, value]) =>
      isTree(value) ? walk(value, `${prefix}${key}.`) : [`${prefix}${key}`],
    );
  return walk(config as Tree, '');
}

/** The value of a parameter by its path. */
export function parameterAt(config: RunConfig, path: string): unknown {
  return path.split('.').reduce<unknown>((tree, key) => (tree as Tree)[key], config);
}

/**
 * The configuration with every `path=value` applied; values are read as JSON where they are JSON, else as text.
 * @throws UsageError naming the parameter, what was found and what is expected.
 */
export function applyOverrides(config: RunConfig, assignments: readonly string[]): RunConfig {
  const changed = structuredClone(config) as Tree;
  // The preset is a name, chosen by its own option.
  const known = configPaths(config).filter((path) => path !== 'preset');
  for (const assignment of assignments) {
    const { path, value } = parseAssignment(assignment, known);
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce<Tree>((tree, key) => tree[key] as Tree, changed);
    parent[last] = value;
  }
  return checkConfig(changed, assignments);
}

/** Parses against the schema. @throws UsageError that lists every fault by its path. */
function checkConfig(config: Tree, assignments: readonly string[]): RunConfig {
  const result = runConfigSchema.safeParse(config);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    (issue) => `${issue.path.join('.')}: ${issue.message.replace('Invalid input: ', '')}`,
  );
  throw new UsageError(
    `--set ${assignments.join(' ')} does not fit: ${faults.join('; ')}. "lab presets tiny" lists the parameters.`,
  );
}

function parseAssignment(assignment: string, known: readonly string[]): { path: string; value: unknown } {
  const equals = assignment.indexOf('=');
  if (equals < 1)
    throw new UsageError(`--set ${assignment}: expected path=value, such as optim.learningRate=0.001.`);
  const path = assignment.slice(0, equals);
  if (!known.includes(path)) {
    const hint = suggestNearest(path, known);
    throw new UsageError(`--set ${path}: no such parameter.${hint} "lab presets tiny" lists them all.`);
  }
  return { path, value: parseValue(assignment.slice(equals + 1)) };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws UsageError naming the presets there are. */
export function requirePreset(name: string): Preset {
  const preset = findPreset(name);
  if (preset) return preset;
  const known = presets.map((candidate) => candidate.name);
  throw new UsageError(`No preset "${name}".${suggestNearest(name, known)} There are ${known.join(', ')}.`);
}

export const budgetOptions = {
  steps: valueOption('N', 'Train this many steps in all.'),
  epochs: valueOption('N', 'Train this many epochs in all.'),
  minutes: valueOption('M', 'Train this many minutes in all.'),
};

/**
 * The configuration with the budget the user gave, which replaces the preset's; undefined where none was given.
 * @throws UsageError when steps and epochs are both given.
 */
export function applyBudget(config: RunConfig, values: OptionValues): RunConfig | undefined {
  const steps = readInteger(values, 'steps');
  const epochs = readInteger(values, 'epochs');
  const minutes = readPositive(values, 'minutes');
  if (steps !== undefined && epochs !== undefined)
    throw new UsageError('Give --steps or --epochs, not both.');
  if (steps === undefined && epochs === undefined && minutes === undefined) return undefined;
  return withBudget(config, { steps, epochs, minutes });
}
