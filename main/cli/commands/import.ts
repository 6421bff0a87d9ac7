/** lab import */

import { describeError } from '../../../shared/text/describeError.ts';
import { openDataset } from '../../datasets/registry.ts';
import { describeIdentity } from '../../../shared/dataset.ts';
import type { ImportedRun } from '../../../shared/runBundle.ts';
import { requireFile, TypedPathError } from '../../runtime/typedPath.ts';
import { importFile } from '../../store/bundle/importRun.ts';
import { getRun } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import type { Command, Invocation } from '../command.ts';
import { cacheFolder, withCreatedStore } from '../labStore.ts';
import { absoluteSource } from '../typedPaths.ts';
import { flagOption, readFlag, readText, valueOption } from '../options.ts';

export const importRuns: Command = {
  name: 'import',
  summary: 'Bring in runs that were exported, here or on another machine.',
  usage: '<file>… [--copy] [--data SOURCE]',
  options: {
    copy: flagOption('Import a run that is here already once more, under another id.'),
    data: valueOption(
      'SOURCE',
      'Where its pictures are on this machine: folder:path, cifar10[:path] or synthetic[:seed].',
    ),
  },
  positionals: { min: 1, max: 1000 },
  run: (invocation) => {
    assertSomeFile(invocation.positionals);
    return withCreatedStore(invocation, async (store) => {
      const { positionals, output } = invocation;
      const runs: ({ file: string } & ImportedRun)[] = [];
      const failed: { file: string; error: string }[] = [];
      for (const file of positionals) {
        try {
          runs.push({ file, ...(await importOne(store, file, invocation)) });
        } catch (error) {
          const message = describeError(error);
          failed.push({ file, error: message });
          output.note(`lab: ${message}`);
        }
      }
      output.json({ runs, failed });
      return failed.length > 0 ? 1 : 0;
    });
  },
};

/** Before a data folder is created for nothing. @throws TypedPathError when none of the files is there. */
function assertSomeFile(words: readonly string[]): void {
  const faults: string[] = [];
  for (const word of words) {
    try {
      findBundle(word);
      return;
    } catch (error) {
      faults.push(describeError(error));
    }
  }
  throw new TypedPathError(faults.join('\n'));
}

function findBundle(text: string): string {
  return requireFile(text, 'Give the path of a file that "lab export" wrote.');
}

async function importOne(store: Store, text: string, { values, output }: Invocation): Promise<ImportedRun> {
  const file = findBundle(text);
  const data = readText(values, 'data');
  const dataSource = data === undefined ? undefined : absoluteSource(data);
  const imported = importFile(store, file, { asCopy: readFlag(values, 'copy'), dataSource });
  const { id, name, step, checkpoints, missingData } = imported;
  const steps = checkpoints.length > 0 ? `checkpoints ${checkpoints.join(', ')}` : 'no checkpoint';
  output.text(`Run ${id} "${name}" is here, at step ${step}, with ${steps}.`);
  if (missingData !== null)
    output.note(
      `Its pictures (${missingData}) are not on this machine. It can be shown, evaluated on other data (--data) and used for inpainting; to train it, pass its images: lab resume ${id} --data SOURCE.`,
    );
  if (dataSource !== undefined) await compareData(store, { id, dataSource }, output.note);
  return imported;
}

/** Reports whether the images here are those it was trained on: resuming checks that once more. */
async function compareData(
  store: Store,
  { id, dataSource }: { id: string; dataSource: string },
  note: (text: string) => void,
): Promise<void> {
  const { dataset, config } = getRun(store.db, id);
  if (dataset === null) return;
  const { imageSize, folderLayout } = config.data;
  try {
    const { info } = await openDataset(dataSource, {
      ...{ split: 'train', imageSize, folderLayout, cacheFolder: cacheFolder() },
    });
    if (info.checksum === dataset.checksum) return;
    note(
      `${dataSource} holds other images than those run ${id} was trained on: ${describeIdentity(info, 'train')} instead of ${describeIdentity(dataset, 'train')}. It can be trained on them with lab resume ${id} --accept-changed-data, or on its own with lab resume ${id} --data SOURCE.`,
    );
  } catch (error) {
    const reason = describeError(error);
    note(`Its images cannot be read: ${reason} To train it: lab resume ${id} --data SOURCE.`);
  }
}
