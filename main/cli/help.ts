/** The help texts, made from the commands themselves. */

import type { Command } from './command.ts';
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
  const options = Object.entries({ ...command.options, ...commonOptions });
  const names = options.map(
    ([name, option]) => `--${name}${'value' in option && option.value ? ` ${option.value}` : ''}`,
  );
  const width = Math.max(...names.map((name) => name.length));
  const lines = options.map(([, option], index) => `  ${names[index].padEnd(width)}  ${option.description}`);
  return [`lab ${command.name} ${command.usage}`, '', command.summary, '', ...lines].join('\n');
}
