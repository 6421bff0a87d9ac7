/** lab parity */

import { join } from 'node:path';
import type { ParityReport } from '../../compute/parity/runParity.ts';
import { describeMissing, findPathKind, resolveTypedPath } from '../../runtime/typedPath.ts';
import { type CommandDefinition, UsageError } from '../command.ts';
import { formatColumns } from '../format.ts';
import { cacheFolder } from '../labStore.ts';
import { absoluteSource } from '../typedPaths.ts';
import { readText, valueOption } from '../options.ts';
import { checkParity } from '../resultSession.ts';

export const parity: CommandDefinition = {
  usage: '<folder> [--data cifar10:PATH]',
  arguments: { '<folder>': 'Folder of the reference files.' },
  options: {
    data: valueOption(
      'SOURCE',
      'CIFAR-10 for the classical methods.',
      '../data/cifar10-sample, relative to the folder',
    ),
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values, output }) {
    const folder = resolveTypedPath(positionals[0]);
    if (findPathKind(folder) !== 'folder')
      throw new UsageError(
        `${describeMissing(folder, 'folder')} Give the path of the folder with the reference files.`,
      );
    const source = findSource(folder, readText(values, 'data'));
    const report = await checkParity({ folder, source, cacheFolder: cacheFolder() }, output);
    output.json(report);
    output.text(formatReport(report));
    return report.ok ? 0 : 1;
  },
};

function findSource(folder: string, given: string | undefined): string | null {
  if (given !== undefined) return absoluteSource(given);
  const sample = join(folder, '..', 'data', 'cifar10-sample');
  return findPathKind(sample) !== null ? `cifar10:${sample}` : null;
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
      : `These ran operation by operation: ${eager.join('; ') || 'everything'}.`,
    ok ? `All ${checks.length} checks passed.` : `${failed} of ${checks.length} checks failed.`,
  ].join('\n');
}
