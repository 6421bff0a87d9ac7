/** From options to a run's configuration: the preset, `--set path=value` and the budget. */

import type { RunConfig } from '../../shared/config/config.ts';
import { applyBudget as withBudget } from '../../shared/config/longerBudget.ts';
import { findPreset, type Preset, presets } from '../../shared/config/presets.ts';
import { findAnyPreset, nameOfTitle, type PresetLibrary } from '../../shared/config/savedPresets.ts';
import {
  describeFaults,
  findForeignParameter,
  setParameters,
  settablePaths,
} from '../../shared/config/setParameters.ts';
import { type Grouping, groupingSchema, listGroupablePaths, namedGroupings } from '../../shared/runGroups.ts';
import { resolveConfigFolder } from '../store/dataFolder.ts';
import { listPresets } from '../store/presets.ts';
import { type OptionValues, suggestNearest, UsageError } from './command.ts';
import { readInteger, readPositive, readText, valueOption } from './options.ts';

/**
 * Returns the configuration with every `path=value` applied, see `setParameters`. A value is parsed as JSON if possible,
 * otherwise taken as text.
 * @throws UsageError that names the parameter, the value found and the value expected.
 */
export function applyOverrides(config: RunConfig, assignments: readonly string[]): RunConfig {
  const known = settablePaths(config);
  const parsed = assignments.map((assignment) => parseAssignment(assignment, known));
  const result = setParameters(config, parsed);
  if (!result.success) {
    throw new UsageError(
      `--set ${assignments.join(' ')} is invalid: ${describeFaults(result.error)}. "lab presets tiny" lists the parameters.`,
    );
  }
  for (const { path, text } of parsed) {
    const problem = findForeignParameter(result.data.field.kind, path);
    if (problem !== null)
      throw new UsageError(
        `--set ${path}=${text} has no effect: ${problem}. Leave it out, or choose another network with --set field.kind=….`,
      );
  }
  return result.data;
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

/**
 * Reads what runs are grouped by; undefined if the option is not given.
 * @throws UsageError that names the nearest groupings if there is no such parameter.
 */
export function readGrouping(values: OptionValues, name: string): Grouping | undefined {
  const by = readText(values, name);
  if (by === undefined || groupingSchema.safeParse(by).success) return by;
  const known = [...namedGroupings, ...listGroupablePaths()];
  // The name of a parameter without its section leads to its path.
  const ending = known.filter((path) => path.toLowerCase().endsWith(`.${by.toLowerCase()}`));
  const hint =
    ending.length > 0
      ? ` Did you mean ${ending.map((path) => `"${path}"`).join(' or ')}?`
      : suggestNearest(by, known);
  throw new UsageError(
    `--${name} is "${by}"; expected ${namedGroupings.join(', ')} or the path of a parameter.${hint} "lab presets tiny" lists the parameters.`,
  );
}

/** Returns the value that a text has as JSON, or the text itself. */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
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
