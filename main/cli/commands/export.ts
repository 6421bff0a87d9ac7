/** lab export */

import { dirname } from 'node:path';
import { type BundledCheckpoints, bundledCheckpoints } from '../../../shared/runBundle.ts';
import { quoteWord } from '../../../shared/config/trainCommand.ts';
import { formatBytes } from '../../../shared/text/format.ts';
import { exportRun as writeRun } from '../../store/bundle/exportRun.ts';
import { prepareOutputFolder } from '../../store/files/atomicFile.ts';
import { chooseBundlePath } from '../typedPaths.ts';
import { type CommandDefinition, readVersion, runArguments } from '../command.ts';
import { runOf, withStore } from '../labStore.ts';
import { readChoice, readText, valueOption } from '../options.ts';

/** `newest and best` is what the option's absence means, so it is not a choice. */
const choices = bundledCheckpoints.filter((choice) => !choice.includes(' '));

export const exportRun: CommandDefinition = {
  usage: '<run|preset> [--out FILE|FOLDER] [--checkpoints newest|best|all]',
  arguments: runArguments,
  options: {
    out: valueOption(
      'PATH',
      'A file, or a folder to hold <run name>.sparsefield: an existing one, or NAME/.',
      'the current folder',
    ),
    checkpoints: valueOption(
      'WHICH',
      'Checkpoints to include: newest, best or all.',
      'the newest and the best',
    ),
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
      output.text(`Run ${run.id} "${run.name}" was written to ${path} (${formatBytes(exported.bytes)}).`);
      output.text(`Checkpoints: ${steps}. Import it with: lab import ${quoteWord(path)}`);
      if (exported.missingData !== null)
        output.text(
          `The file does not hold its images (${exported.missingData}), which are needed to continue training: lab import … --data SOURCE.`,
        );
      output.json({ run: run.id, file: path, ...exported });
      return 0;
    }),
};
