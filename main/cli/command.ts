/** What a command of the terminal is. One file a command; the work is done by the rooms below. */

import type { ParseArgsOptionsConfig } from 'node:util';
import type { Output } from './output.ts';

export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  readonly output: Output;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the name, e.g. `<run> [--images N]`. */
  readonly usage: string;
  /** A line an option, by its name. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** How many positional arguments it takes. */
  readonly positionals: { readonly min: number; readonly max: number };
  /** It only prints: once nobody reads its output, it ends. Other commands finish what they do. */
  readonly isListing?: true;
  /** Returns the exit code. @throws UsageError for arguments that make no sense, Error for all else. */
  run(invocation: Invocation): Promise<number>;
}

export type CommandOption = ParseArgsOptionsConfig[string] & {
  /** Placeholder of the value, e.g. `N`; absent for flags. */
  readonly value?: string;
  readonly description: string;
};

/** Exit code of a program ended by Ctrl-C; see `requestedExitCode` for other requests to end. */
export const interruptedCode = 130;

/** The command line itself is wrong: exit code 2 and a hint at the help. */
export class UsageError extends Error {}
