/** One command line from words to exit code: 0 done, 1 failed, 2 not understood, 130 interrupted. */

import { parseArgs } from 'node:util';
import { type Command, type OptionValues, UsageError } from './command.ts';
import { formatCommandHelp, formatHelp } from './help.ts';
import { suggestNearest } from './nearest.ts';
import { commonOptions } from './options.ts';
import { createOutput, type OutputStreams } from './output.ts';
import { commands } from './registry.ts';

export async function runCommandLine(
  words: readonly string[],
  streams: OutputStreams = process,
): Promise<number> {
  const isJson = words.includes('--json');
  const output = createOutput(isJson, streams);
  try {
    const [name, ...rest] = words;
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      output.text(formatHelp(commands));
      return name === undefined ? 2 : 0;
    }
    const command = findCommand(name);
    const { values, positionals } = parse(command, rest);
    if (values['help'] === true) {
      output.text(formatCommandHelp(command));
      return 0;
    }
    return await command.run({ values, positionals, output });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    output.note(`lab: ${message}`);
    output.json({ event: 'error', error: message });
    return error instanceof UsageError ? 2 : 1;
  }
}

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const known = commands.map((command) => command.name);
  throw new UsageError(`No command "${name}".${suggestNearest(name, known)} "lab help" lists them.`);
}

function parse(command: Command, words: readonly string[]): { values: OptionValues; positionals: string[] } {
  const options = { ...commonOptions, ...command.options };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(explainParseError(error, command, Object.keys(options)));
  }
  const { min, max } = command.positionals;
  const found = parsed.positionals.length;
  if (parsed.values['help'] !== true && (found < min || found > max)) {
    throw new UsageError(
      `Expected lab ${command.name} ${command.usage}. "lab ${command.name} --help" explains it.`,
    );
  }
  return { values: parsed.values, positionals: parsed.positionals };
}

function explainParseError(error: unknown, command: Command, known: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /Unknown option '-{1,2}([^'\s]+)/.exec(message)?.[1];
  if (unknown === undefined) return `${message.split('. ')[0]}.`;
  const nearest = suggestNearest(unknown, known).replace('"', '"--');
  return `lab ${command.name} has no option --${unknown}.${nearest} "lab ${command.name} --help" lists them.`;
}
