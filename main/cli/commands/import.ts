/** lab import */

import { describeError } from '../../../shared/text/describeError.ts';
import { readingOf } from '../../../shared/config/config.ts';
import { openDataset } from '../../datasets/registry.ts';
import { dataSourceForms, describeIdentity } from '../../../shared/dataset.ts';
import {
  describeImportedSweep,
  type ImportedRun,
  type ImportedSweep,
  looksLikeSweepFile,
} from '../../../shared/runBundle.ts';
import { requireFile, TypedPathError } from '../../runtime/typedPath.ts';
import { importFile } from '../../store/bundle/importRun.ts';
import { importSweepFile } from '../../store/bundle/sweepBundle.ts';
import { nodeFileSystem, withFile } from '../../store/files/fileSystem.ts';
import { getRun } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import type { CommandDefinition, Invocation } from '../command.ts';
import { cacheFolder, withCreatedStore } from '../labStore.ts';
import { absoluteSource } from '../typedPaths.ts';
import { flagOption, readFlag, readText, valueOption } from '../options.ts';

export const importRuns: CommandDefinition = {
  usage: '<file>… [--copy] [--data SOURCE]',
  arguments: { '<file>': 'A .sparsefield file of a run or of a whole sweep; several are possible.' },
  options: {
    copy: flagOption('Import a run that already exists as a copy with a new ID.'),
    data: valueOption('SOURCE', `Its images on this machine: ${dataSourceForms}.`),
  },
  positionals: { min: 1, max: 1000 },
  run: (invocation) => {
    assertSomeFile(invocation.positionals);
    return withCreatedStore(invocation, async (store) => {
      const { positionals, output } = invocation;
      const runs: ({ file: string } & ImportedRun)[] = [];
      const sweeps: ({ file: string } & ImportedSweep)[] = [];
      const failed: { file: string; error: string }[] = [];
      for (const file of positionals) {
        try {
          const path = findBundle(file);
          if (isSweepFile(path)) sweeps.push({ file, ...importSweepAt(store, path, invocation) });
          else runs.push({ file, ...(await importOne(store, path, invocation)) });
        } catch (error) {
          const message = describeError(error);
          failed.push({ file, error: message });
          output.note(`lab: ${message}`);
        }
      }
      output.json({ runs, ...(sweeps.length > 0 && { sweeps }), failed });
      return failed.length > 0 ? 1 : 0;
    });
  },
};

/** Runs before a data folder is created in vain. @throws TypedPathError when none of the files exists. */
function assertSomeFile(paths: readonly string[]): void {
  const faults: string[] = [];
  for (const path of paths) {
    try {
      findBundle(path);
      return;
    } catch (error) {
      faults.push(describeError(error));
    }
  }
  throw new TypedPathError(faults.join('\n'));
}

/** Returns the path of a file to import. @throws TypedPathError if there is none. */
export function findBundle(text: string): string {
  return requireFile(text, 'Give the path of a file that "lab export" or "lab sweep export" wrote.');
}

function isSweepFile(path: string): boolean {
  return withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) => {
    const start = new Uint8Array(128);
    nodeFileSystem.read(file, start, 0);
    return looksLikeSweepFile(start);
  });
}

/** Imports the one file of a sweep, and says what it made. */
export function importSweepAt(
  store: Store,
  path: string,
  { values, output }: Pick<Invocation, 'values' | 'output'>,
): ImportedSweep {
  const data = readText(values, 'data');
  const dataSource = data === undefined ? undefined : absoluteSource(data);
  const imported = importSweepFile(store, path, { dataSource });
  output.text(describeImportedSweep(imported));
  output.text(`Show it with: lab sweep show ${imported.id}`);
  return imported;
}

async function importOne(store: Store, file: string, { values, output }: Invocation): Promise<ImportedRun> {
  const data = readText(values, 'data');
  const dataSource = data === undefined ? undefined : absoluteSource(data);
  const imported = importFile(store, file, { asCopy: readFlag(values, 'copy'), dataSource });
  const { id, name, step, checkpoints, missingData } = imported;
  const steps = checkpoints.length > 0 ? `checkpoints ${checkpoints.join(', ')}` : 'no checkpoint';
  output.text(`Run ${id} "${name}" was imported at step ${step}, with ${steps}.`);
  if (missingData !== null)
    output.note(
      `Its images (${missingData}) are not on this machine. The run can be shown, evaluated on other data (--data) and used for inpainting. To train it, pass its images: lab resume ${id} --data SOURCE.`,
    );
  if (dataSource !== undefined) await compareData(store, { id, dataSource }, output.note);
  return imported;
}

/** Notes if the images here differ from those the run was trained on; resuming checks this again. */
async function compareData(
  store: Store,
  { id, dataSource }: { id: string; dataSource: string },
  note: (text: string) => void,
): Promise<void> {
  const { dataset, config } = getRun(store.db, id);
  if (dataset === null) return;
  try {
    const { info } = await openDataset(dataSource, {
      split: 'train',
      ...readingOf(config.data),
      cacheFolder: cacheFolder(),
    });
    if (info.checksum === dataset.checksum) return;
    note(
      `${dataSource} holds ${describeIdentity(info, 'train')}; run ${id} was trained on ${describeIdentity(dataset, 'train')}. Train it on these images with lab resume ${id} --accept-changed-data, or on its own with lab resume ${id} --data SOURCE.`,
    );
  } catch (error) {
    const reason = describeError(error);
    note(`Its images cannot be read: ${reason} To train it, pass them: lab resume ${id} --data SOURCE.`);
  }
}
