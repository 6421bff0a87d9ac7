/** Runs one command line. Exit codes: 0 success, 1 failure, 2 not understood, 128 + n after signal n. */

import { parseArgs } from 'node:util';
import { describeError } from '../../shared/text/describeError.ts';
import { endWhenUnread, requestedExitCode } from '../runtime/processEnd.mjs';
import { TypedPathError } from '../runtime/typedPath.ts';
import {
  type Command,
  commonOptions,
  interruptedCode,
  loadCommand,
  type OptionValues,
  readVersion,
  suggestNearest,
  UsageError,
} from './command.ts';
import { formatCommandHelp, formatHelp } from './help.ts';
import { formatPlural } from '../../shared/text/format.ts';
import { createOutput, type OutputStreams } from './output.ts';
import { commands } from './registry.ts';

export async function runCommandLine(
  args: readonly string[],
  streams: OutputStreams = process,
): Promise<number> {
  const isJson = args.includes('--json');
  const output = createOutput(isJson, streams);
  try {
    const [name, ...rest] = args;
    if (name === undefined || ['help', '--help', '-h', '--json'].includes(name)) {
      endWhenUnread();
      const topic = rest.find((argument) => !argument.startsWith('-'));
      output.help(topic === undefined ? formatHelp(commands) : formatCommandHelp(await findCommand(topic)));
      return name === undefined || name === '--json' ? 2 : 0;
    }
    if (name === '--version' || name === '-v') {
      output.text(readVersion());
      output.json({ version: readVersion() });
      return 0;
    }
    const command = await findCommand(name);
    const { values, positionals } = parse(command, rest);
    if (values['help'] === true) {
      endWhenUnread();
      output.help(formatCommandHelp(command));
      return 0;
    }
    if (command.isListing) endWhenUnread();
    return await command.run({ values, positionals, output });
  } catch (error) {
    const message = describeError(error);
    output.note(`lab: ${message}`);
    output.json({ event: 'error', error: message });
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof TypedPathError) return 2;
  return error instanceof Error && error.name === 'AbortError' ? (requestedExitCode() ?? interruptedCode) : 1;
}

async function findCommand(name: string): Promise<Command> {
  const found = commands.find((command) => command.name === name);
  if (found) return await loadCommand(found);
  const known = commands.map((command) => command.name);
  throw new UsageError(`No command "${name}".${suggestNearest(name, known)} "lab help" lists the commands.`);
}

function parse(command: Command, args: readonly string[]): { values: OptionValues; positionals: string[] } {
  const options = { ...commonOptions, ...command.options };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(explainParseError(error, command, Object.keys(options)));
  }
  const { min, max } = command.positionals;
  const found = parsed.positionals.length;
  if (parsed.values['help'] !== true && (found < min || found > max)) {
    throw new UsageError(
      `Found ${formatPlural(found, 'argument')}, expected lab ${command.name} ${command.usage}. "lab ${command.name} --help" explains them.`,
    );
  }
  return { values: parsed.values, positionals: parsed.positionals };
}

function explainParseError(error: unknown, command: Command, known: readonly string[]): string {
  const message = describeError(error);
  const help = `"lab ${command.name} --help" lists the options.`;
  const unknown = /Unknown option '(-{1,2})([^'\s]+)/.exec(message);
  if (unknown) {
    const [, dashes, name] = unknown;
    const nearest = suggestNearest(name, known).replace('"', '"--');
    return `lab ${command.name} has no option ${dashes}${name}.${nearest} ${help}`;
  }
  const option = /Option '(?:-\w, )?(--[\w-]+)/.exec(message)?.[1];
  if (message.includes('missing') || message.includes('ambiguous')) {
    return `${option} needs a value: ${option} VALUE (or ${option}=-1 if it begins with a dash). ${help}`;
  }
  return `${message.split(/\.?(?:\s|$)(?=[A-Z]|$)/)[0]}. ${help}`;
}
