/** lab export */

import { dirname } from 'node:path';
import { type BundledCheckpoints, bundledCheckpoints } from '../../../shared/runBundle.ts';
import { quoteWord } from '../../../shared/config/trainCommand.ts';
import { formatBytes } from '../../../shared/text/format.ts';
import { exportRun as writeRun } from '../../store/bundle/exportRun.ts';
import { prepareOutputFolder } from '../../store/files/atomicFile.ts';
import { chooseBundlePath } from '../typedPaths.ts';
import type { Command } from '../command.ts';
import { runOf, withStore, readVersion } from '../labStore.ts';
import { readChoice, readText, valueOption } from '../options.ts';

/** `newest and best` needs no word: it is what is meant without the option. */
const choices = bundledCheckpoints.filter((choice) => !choice.includes(' '));

export const exportRun: Command = {
  name: 'export',
  summary: 'Write a run as one file, to be imported on another machine.',
  usage: '<run> [--out FILE|FOLDER] [--checkpoints newest|best|all]',
  options: {
    out: valueOption(
      'PATH',
      'A file, or a folder for <run name>.sparsefield: one that is there, or NAME/ (default: the folder you are in).',
    ),
    checkpoints: valueOption('WHICH', 'newest, best or all (default: the newest and the best).'),
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, (store) => {
      const { values, output } = invocation;
      const checkpoints: BundledCheckpoints = readChoice(values, 'checkpoints', choices) ?? 'newest and best';
      const run = runOf(store, invocation);
      const path = chooseBundlePath(readText(values, 'out'), run);
      prepareOutputFolder(dirname(path));
      const exported = writeRun(store, { runId: run.id, path, checkpoints, appVersion: readVersion() });
      const steps = exported.checkpoints.join(', ') || 'none yet';
      output.text(`Run ${run.id} "${run.name}" is in ${path} (${formatBytes(exported.bytes)}).`);
      output.text(`Checkpoints: ${steps}. Bring it in with: lab import ${quoteWord(path)}`);
      if (exported.missingData !== null)
        output.text(
          `Its pictures (${exported.missingData}) are not in it: whoever trains it on needs them too (lab import … --data SOURCE).`,
        );
      output.json({ run: run.id, file: path, ...exported });
      return 0;
    }),
};
