/** The help texts, generated from the command table. */

import { type Command, type CommandOption } from './command.ts';
import { commonOptions } from './options.ts';

export function formatHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'Sparse Field Lab: reconstruct images from a few of their pixels.',
    '',
    'Usage: lab <command> [options]',
    '',
    ...lines,
    '',
    '"lab help <command>" lists its options. Data sources: synthetic[:seed], cifar10[:path], folder:path.',
  ].join('\n');
}

export function formatCommandHelp(command: Command): string {
  const rows = [
    ...Object.entries(command.arguments ?? {}),
    ...listOptions(command).map(({ name, text }) => [name, text]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [`lab ${command.name} ${command.usage}`.trimEnd(), '', command.summary, '', ...lines].join('\n');
}

/** One option as the help shows it: `--keep R`, and its sentence with the default. */
export interface OptionLine {
  readonly name: string;
  readonly text: string;
}

/** Returns the command's own options, then those of every command. */
function listOptions(command: Command): OptionLine[] {
  return [...describeOptions(command.options), ...describeOptions(commonOptions)];
}

export function describeOptions(options: Readonly<Record<string, CommandOption>>): OptionLine[] {
  return Object.entries(options).map(([name, { value, description, fallback }]) => ({
    name: `--${name}${value === undefined ? '' : ` ${value}`}`,
    text: fallback === undefined ? description : `${description.replace(/\.$/, '')} (default: ${fallback}).`,
  }));
}
