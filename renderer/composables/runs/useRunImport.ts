/** Brings exported runs in: from a dialog, or from what was dropped; what became of each is told. */

import { useRouter } from 'vue-router';
import { formatBytes, formatPlural } from '../../../shared/text/format.ts';
import { bundleEnding, type ImportedRun, largestSentBundle } from '../../../shared/runBundle.ts';
import { request, RequestError } from '../../api/client.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useRunFacetsStore } from '../../stores/runFacets.ts';
import { useRunListStore } from '../../stores/runList.ts';
import { isRunFile } from './runFiles.ts';

export interface UseRunImportReturn {
  /** One after the other; a single one is opened then. */
  take(files: readonly File[]): Promise<void>;
  /** The dialog for files. */
  choose(): void;
}

export function useRunImport(): UseRunImportReturn {
  const router = useRouter();

  async function takeAll(files: readonly File[], asCopy: boolean) {
    const runs: ImportedRun[] = [];
    for (const file of files) {
      const run = await importOne(file, {
        asCopy,
        isAlone: files.length === 1,
        copy: () => takeAll([file], true),
      });
      if (run) runs.push(run);
    }
    if (runs.length === 0) return;
    await Promise.all([useRunListStore().refresh(), useRunFacetsStore().refresh()]);
    // Several are told with a way to each.
    if (files.length === 1) await router.push({ name: 'run', params: { id: runs[0].id } });
  }

  function choose() {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', multiple: true, accept: bundleEnding });
    input.addEventListener('change', () => void takeAll([...(input.files ?? [])], false));
    input.click();
  }

  return { take: (files) => takeAll(files, false), choose };
}

interface ImportOptions {
  readonly asCopy: boolean;
  /** It is opened when it is there: no way to it need be told. */
  readonly isAlone: boolean;
  /** Imports it once more, as a copy. */
  copy(): Promise<void>;
}

async function importOne(file: File, { asCopy, isAlone, copy }: ImportOptions): Promise<ImportedRun | null> {
  try {
    await checkFile(file);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const run = await request('bundles.import', { bytes, asCopy });
    tell(run, isAlone);
    return run;
  } catch (error) {
    refuse(file, error, copy);
    return null;
  }
}

function tell({ id, name, step, checkpoints, missingData }: ImportedRun, isAlone: boolean): void {
  const notices = useNoticesStore();
  const steps = checkpoints.length === 0 ? 'no checkpoint' : formatPlural(checkpoints.length, 'checkpoint');
  const message = `“${name}” is imported, at step ${step} with ${steps}.`;
  notices.show({ level: 'success', message, runId: isAlone ? null : id });
  if (missingData === null) return;
  const words = `Its pictures (“${missingData}”) are not on this machine: it can be evaluated on other data and fill in pictures of yours. To train it on, import it with them in the terminal: lab import FILE --copy --data SOURCE.`;
  notices.show({ level: 'warning', message: words, seconds: null });
}

function refuse(file: File, error: unknown, copy: () => Promise<void>): void {
  const notices = useNoticesStore();
  if (error instanceof RequestError && error.code === 'conflict') {
    const action = { label: 'Import a copy', run: copy };
    notices.show({ level: 'warning', message: error.message, action, seconds: 30 });
  } else if (error instanceof FileRefusal) notices.show({ level: 'error', message: error.message });
  else notices.fail(error, `${file.name} could not be imported`);
}

/** A file that is not even sent; the message is made to be shown. */
class FileRefusal extends Error {}

async function checkFile(file: File): Promise<void> {
  if (!(await isRunFile(file)))
    throw new FileRefusal(
      `${file.name} is no exported run. Choose a file that “Export run” or “lab export” has written.`,
    );
  if (file.size > largestSentBundle)
    throw new FileRefusal(
      `${file.name} has ${formatBytes(file.size)}; up to ${formatBytes(largestSentBundle)} can be imported here. Import it in the terminal: lab import FILE.`,
    );
}
