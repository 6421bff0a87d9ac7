/** lab parity */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ParityReport } from '../../compute/parity/runParity.ts';
import { type Command, UsageError } from '../command.ts';
import { formatColumns } from '../format.ts';
import { absoluteSource, cacheFolder } from '../lab.ts';
import { readText, valueOption } from '../options.ts';
import { checkParity } from '../resultSession.ts';

export const parity: Command = {
  name: 'parity',
  summary: 'Check every number of a folder of reference files against this implementation.',
  usage: '<folder> [--data cifar10:PATH]',
  options: {
    data: valueOption(
      'SOURCE',
      'CIFAR-10 for the classical methods (default: ../data/cifar10-sample beside the folder).',
    ),
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values, output }) {
    const folder = resolve(positionals[0]);
    if (!existsSync(folder)) throw new UsageError(`No folder ${folder}: expected one with reference files.`);
    const source = findSource(folder, readText(values, 'data'));
    const report = await checkParity({ folder, source, cacheFolder: cacheFolder() }, output);
    output.json(report);
    output.text(formatReport(report));
    return report.ok ? 0 : 1;
  },
};

function findSource(folder: string, given: string | undefined): string | null {
  if (given !== undefined) return absoluteSource(given);
  const beside = join(folder, '..', 'data', 'cifar10-sample');
  return existsSync(beside) ? `cifar10:${beside}` : null;
}

function formatReport({ checks, skipped, ok, execution, eager }: ParityReport): string {
  const rows = checks.map((check) => [
    check.ok ? 'ok' : 'FAILED',
    check.name,
    check.error.toExponential(2),
    String(check.tolerance),
  ]);
  const failed = checks.filter((check) => !check.ok).length;
  return [
    formatColumns([['', 'check', 'error', 'tolerance'], ...rows]),
    ...skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`),
    execution === 'compiled'
      ? 'Networks, solvers and training steps ran as compiled graphs.'
      : `Operation by operation ran: ${eager.join('; ') || 'everything'}.`,
    ok ? `All ${checks.length} checks passed.` : `${failed} of ${checks.length} checks failed.`,
  ].join('\n');
}
