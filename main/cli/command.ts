/** The interface of a terminal command. Each command has its own file and a line in the table; the rooms below do the work. */

import { closest, distance } from 'fastest-levenshtein';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Output } from './output.ts';

export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  readonly output: Output;
}

/** A line of the command table. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<CommandDefinition>;
}

export interface CommandDefinition {
  /** Arguments and the most used options, e.g. `<run> [--images N]`. */
  readonly usage: string;
  /** One line for each positional argument, by its placeholder, e.g. `<run>`. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** By name, without the dashes. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Number of positional arguments. */
  readonly positionals: { readonly min: number; readonly max: number };
  /** The command only prints, and exits when its reader closes the pipe. Other commands finish their work. */
  readonly isListing?: true;
  /** Returns the exit code. @throws UsageError for invalid arguments, Error for everything else. */
  run(invocation: Invocation): Promise<number>;
}

/** A command whose module is loaded. */
export type Command = Omit<CommandEntry, 'load'> & CommandDefinition;

export async function loadCommand({ name, summary, load }: CommandEntry): Promise<Command> {
  return { name, summary, ...(await load()) };
}

export type CommandOption = ParseArgsOptionsConfig[string] & {
  /** Placeholder of the value, e.g. `N`; absent for flags. */
  readonly value?: string;
  /** One sentence. */
  readonly description: string;
  /** The value if the option is absent, e.g. `0.2`; shown in the help. */
  readonly fallback?: string;
};

/** Options of every command. */
export const commonOptions = {
  json: { type: 'boolean', description: 'Print only JSON on stdout.' },
  'data-dir': {
    type: 'string',
    value: 'PATH',
    description: 'Folder of the runs.',
    fallback: 'SPARSE_FIELD_LAB_DATA, or the user data folder',
  },
  help: { type: 'boolean', short: 'h', description: 'Show this help.' },
} as const satisfies Record<string, CommandOption>;

/** Exit code after Ctrl-C; see `requestedExitCode` for other requests to end. */
export const interruptedCode = 130;

/** The command line itself is invalid: exit code 2 and a pointer to the help. */
export class UsageError extends Error {}

/** Returns ` Did you mean "x"?` if a known name is close to `name`, otherwise an empty string. */
export function suggestNearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(name, known);
  return distance(name, nearest) <= Math.max(2, name.length / 3) ? ` Did you mean "${nearest}"?` : '';
}

/** Returns the version of the program. */
export function readVersion(): string {
  const file = resolve(import.meta.dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** What commands say about the argument that `findNamedRun` reads. */
export const runArguments = {
  '<run|preset>': 'Run ID, the start of one, a name, latest, or a preset for its newest run.',
};
