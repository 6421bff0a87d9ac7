/** A configuration as the command line that trains it. */

import type { RunConfig } from './config.ts';
import type { DataSetEntry } from '../dataLibrary.ts';
import { findPreset, presets, resolvePreset } from './presets/registry.ts';
import { compareConfigs } from './configParameters.ts';
import type { ParameterValue } from './describeSchema.ts';

export interface TrainCommand {
  readonly config: RunConfig;
  /** As `--data` takes it; null leaves it out. */
  readonly source: string | null;
  /** Empty: the preset's name. */
  readonly name: string;
}

/** `lab train --preset NAME --data SOURCE --name TEXT --set path=value …`, to be pasted into a POSIX shell. */
export function formatTrainCommand({ config, source, name }: TrainCommand): string {
  const preset = findPreset(config.preset) ?? presets[0];
  const changes = compareConfigs(resolvePreset(preset), config);
  const words = [
    'lab train',
    option('preset', preset.name),
    ...(source === null ? [] : [option('data', source)]),
    ...(name.trim() === '' ? [] : [option('name', name.trim())]),
    ...changes.map(({ parameter, to }) => option('set', `${parameter.path}=${formatValue(to)}`)),
  ];
  return words.join(' ');
}

/** What `--data` takes for a data set of the library; null where its place is not known. */
export function sourceOf({ id, kind, location }: DataSetEntry): string | null {
  if (id === kind) return kind;
  return location === null ? null : `${kind}:${location}`;
}

/** A value beginning with a dash would be read as an option. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? `--${name}=${quoteWord(value)}` : `--${name} ${quoteWord(value)}`;
}

/** Values are read as JSON where they are JSON; a text that looks like it needs its quotation marks. */
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
