/** npm run bench: how fast training and sampling are on this machine, compared with PyTorch if it is installed. */

import { parseArgs } from 'node:util';

import { describeError } from '../../shared/text/describeError.ts';
import { type OptionValues, UsageError } from '../../main/cli/command.ts';
import { readChoice, readInteger } from '../../main/cli/options.ts';
import { createOutput } from '../../main/cli/output.ts';
import { presets } from '../../shared/config/presets.ts';
import { formatReport } from './format.ts';
import { runBench } from './runBench.ts';

const names = presets.map(({ name }) => name);
const help = `npm run bench [-- --json --config NAME --rounds N]

--json         Print JSON on stdout, and nothing else there.
--config NAME  Only this preset: ${names.join(', ')}.
--rounds N     Exactly N rounds a measurement (default: up to 7 in about 25 seconds).
--help         Show this help.

SPARSE_FIELD_LAB_PYTHON names a Python with PyTorch to compare with (default: python3).`;

try {
  const values = readArguments(process.argv.slice(2));
  const output = createOutput(values['json'] === true);
  if (values['help'] === true) output.help(help);
  else {
    const config = readChoice(values, 'config', names);
    const rounds = readInteger(values, 'rounds') ?? null;
    const chosen = presets.filter(({ name }) => name === (config ?? name));
    const report = await runBench(chosen, { rounds, note: output.note });
    output.json(report);
    output.text(formatReport(report));
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

function readArguments(args: readonly string[]): OptionValues {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        config: { type: 'string' },
        rounds: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const reason = describeError(error);
    throw new UsageError(`${reason} Try: npm run bench -- --help`);
  }
}
