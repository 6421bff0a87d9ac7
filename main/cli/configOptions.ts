/** From options to a run's configuration: the preset, `--set path=value` and the budget. */

import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import { applyBudget as withBudget } from '../../shared/config/longerBudget.ts';
import {
  describeForeignParameter,
  fieldKinds,
  networksWith,
  parametersOf,
} from '../../shared/config/networks/registry.ts';
import { findPreset, type Preset, presets, withOtherNetworks } from '../../shared/config/presets.ts';
import { findAnyPreset, nameOfTitle, type PresetLibrary } from '../../shared/config/savedPresets.ts';
import { setsInterval } from '../../shared/config/trainConfig.ts';
import { resolveConfigFolder } from '../store/dataFolder.ts';
import { listPresets } from '../store/presets.ts';
import { type OptionValues, suggestNearest, UsageError } from './command.ts';
import { readInteger, readPositive, valueOption } from './options.ts';

type Tree = Record<string, unknown>;

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

/**
 * Returns the configuration with every `path=value` applied. A value is parsed as JSON if possible, otherwise taken as text.
 * Parameters of a newly chosen network start from the preset's values; an interval in steps replaces a number of times per run.
 * @throws UsageError that names the parameter, the value found and the value expected.
 */
export function applyOverrides(config: RunConfig, assignments: readonly string[]): RunConfig {
  const changed = structuredClone(withOtherNetworks(config)) as Tree;
  const known = settablePaths(config);
  const parsed = assignments.map((assignment) => parseAssignment(assignment, known));
  for (const { path, value } of parsed) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce<Tree>((tree, key) => tree[key] as Tree, changed);
    parent[last] = value;
  }
  if (setsInterval(parsed.map(({ path }) => path))) (changed['train'] as Tree)['timesPerRun'] = null;
  const result = checkConfig(changed, assignments);
  for (const { path, text } of parsed) checkNetworkHas(result, path, text);
  return result;
}

/** Returns the paths that `--set` knows: the parameters of all networks, without the preset, which has an option of its own. */
function settablePaths(config: RunConfig): string[] {
  const ofNetworks = new Set(fieldKinds.flatMap(parametersOf));
  const others = configPaths(config).filter((path) => path !== 'preset' && !path.startsWith('field.'));
  return [...others, 'field.kind', ...Array.from(ofNetworks, (name) => `field.${name}`)];
}

/** @throws UsageError if the path is a parameter of another network than that of the configuration. */
function checkNetworkHas({ field }: RunConfig, path: string, text: string): void {
  const [section, name] = path.split('.');
  if (section !== 'field' || networksWith(name).includes(field.kind)) return;
  throw new UsageError(
    `--set ${path}=${text} has no effect: ${describeForeignParameter(field.kind, name)}. Leave it out, or choose another network with --set field.kind=….`,
  );
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

function parseAssignment(
  assignment: string,
  known: readonly string[],
): { path: string; text: string; value: unknown } {
  const equals = assignment.indexOf('=');
  if (equals < 1)
    throw new UsageError(`--set is "${assignment}", expected path=value, such as optim.learningRate=0.001.`);
  const path = assignment.slice(0, equals);
  if (!known.includes(path)) {
    const hint = suggestNearest(path, known);
    throw new UsageError(`No parameter "${path}".${hint} "lab presets tiny" lists the parameters.`);
  }
  const text = assignment.slice(equals + 1);
  return { path, text, value: parseValue(text) };
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

/**
 * Returns a preset of the program or of the user, who may also write the title of one that was saved.
 * @throws UsageError that lists the presets.
 */
export function requirePreset(name: string): Preset {
  const own = findPreset(name) ? [] : readLibrary().presets;
  const preset = findAnyPreset(name, own) ?? findAnyPreset(nameOfTitle(name), own);
  if (preset) return preset;
  const known = [...presets, ...own].map((candidate) => candidate.name);
  throw new UsageError(
    `No preset "${name}".${suggestNearest(name, known)} Choose one of ${known.join(', ')}.`,
  );
}

/** Returns the name of the preset that is used if none is named. */
export function defaultPresetName(): string {
  return readLibrary().defaultName ?? presets[0].name;
}

/** Returns the user's presets; none if this account has no folder for them. */
export function readLibrary(): PresetLibrary {
  let folder: string;
  try {
    folder = resolveConfigFolder();
  } catch {
    return { presets: [], defaultName: null, findings: [] };
  }
  return listPresets(folder);
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
