/** A configuration as the command line that trains it. */

import type { RunConfig } from './config.ts';
import type { DatasetEntry } from '../dataLibrary.ts';
import { findPreset, presets, resolvePreset } from './presets.ts';
import { compareConfigs } from './configParameters.ts';
import type { ParameterValue } from './describeSchema.ts';
import { setsInterval } from './trainConfig.ts';

export interface TrainCommand {
  readonly config: RunConfig;
  /** Argument of `--data`; null omits it. */
  readonly source: string | null;
  /** Empty for the name of the preset. */
  readonly name: string;
}

/** Returns `lab train --preset NAME --data SOURCE --name TEXT --set path=value …`, to be pasted into a POSIX shell. */
export function formatTrainCommand({ config, source, name }: TrainCommand): string {
  const preset = findPreset(config.preset) ?? presets[0];
  const changes = compareConfigs(resolvePreset(preset), config);
  const parts = [
    'lab train',
    option('preset', preset.name),
    ...(source === null ? [] : [option('data', source)]),
    ...(name.trim() === '' ? [] : [option('name', name.trim())]),
    ...changes.map(({ parameter, to }) => option('set', `${parameter.path}=${formatValue(to)}`)),
    // An interval alone would replace it.
    ...(setsInterval(changes.map(({ parameter }) => parameter.path))
      ? [option('set', `train.timesPerRun=${formatValue(config.train.timesPerRun)}`)]
      : []),
  ];
  return parts.join(' ');
}

/** Returns the argument of `--data` for a dataset of the library; null if its location is unknown. */
export function sourceOf({ id, kind, location }: DatasetEntry): string | null {
  if (id === kind) return kind;
  return location === null ? null : `${kind}:${location}`;
}

/** Formats an option; a value that begins with a dash is attached with `=`, because it would be read as an option. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? `--${name}=${quoteWord(value)}` : `--${name} ${quoteWord(value)}`;
}

/** Formats a value of `--set`, which is read as JSON if it is valid JSON: text that looks like JSON needs quotation marks. */
function formatValue(value: ParameterValue): string {
  return typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function quoteWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
