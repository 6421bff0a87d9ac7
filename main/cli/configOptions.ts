/** From options to a run's configuration: the preset, `--set path=value` and the budget. */

import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import { applyBudget as withBudget } from '../../shared/config/longerBudget.ts';
import { findPreset, type Preset, presets } from '../../shared/config/presets.ts';
import { type OptionValues, UsageError } from './command.ts';
import { suggestNearest, readInteger, readPositive, valueOption } from './options.ts';

type Tree = Record<string, unknown>;

/** Returns the path of every parameter, e.g. `field.dim`. */
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

/**
 * Returns the configuration with every `path=value` applied. A value is parsed as JSON if possible, otherwise taken as text.
 * @throws UsageError that names the parameter, the value found and the value expected.
 */
export function applyOverrides(config: RunConfig, assignments: readonly string[]): RunConfig {
  const changed = structuredClone(config) as Tree;
  // The preset is chosen by its own option.
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

/** @throws UsageError that lists every fault by its path. */
function checkConfig(config: Tree, assignments: readonly string[]): RunConfig {
  const result = runConfigSchema.safeParse(config);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    (issue) => `${issue.path.join('.')}: ${issue.message.replace('Invalid input: ', '')}`,
  );
  throw new UsageError(
    `--set ${assignments.join(' ')} is invalid: ${faults.join('; ')}. "lab presets tiny" lists the parameters.`,
  );
}

function parseAssignment(assignment: string, known: readonly string[]): { path: string; value: unknown } {
  const equals = assignment.indexOf('=');
  if (equals < 1)
    throw new UsageError(`--set is "${assignment}", expected path=value, such as optim.learningRate=0.001.`);
  const path = assignment.slice(0, equals);
  if (!known.includes(path)) {
    const hint = suggestNearest(path, known);
    throw new UsageError(`No parameter "${path}".${hint} "lab presets tiny" lists the parameters.`);
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

/** @throws UsageError that lists the presets. */
export function requirePreset(name: string): Preset {
  const preset = findPreset(name);
  if (preset) return preset;
  const known = presets.map((candidate) => candidate.name);
  throw new UsageError(
    `No preset "${name}".${suggestNearest(name, known)} Choose one of ${known.join(', ')}.`,
  );
}

export const budgetOptions = {
  steps: valueOption('N', 'Total number of training steps.'),
  epochs: valueOption('N', 'Total number of epochs.'),
  minutes: valueOption('M', 'Total minutes of training.'),
};

/**
 * Returns the configuration with the given budget in place of its own; undefined if no budget was given.
 * @throws UsageError when steps and epochs are both given.
 */
export function applyBudget(config: RunConfig, values: OptionValues): RunConfig | undefined {
  const steps = readInteger(values, 'steps');
  const epochs = readInteger(values, 'epochs');
  const minutes = readPositive(values, 'minutes');
  if (steps !== undefined && epochs !== undefined)
    throw new UsageError('--steps and --epochs exclude each other. Give one of them.');
  if (steps === undefined && epochs === undefined && minutes === undefined) return undefined;
  return withBudget(config, { steps, epochs, minutes });
}
