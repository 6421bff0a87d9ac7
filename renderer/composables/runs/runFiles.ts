/** Exporting and importing runs as files. */

import type { ExportedBundle } from '../../../shared/contract/bundles.ts';
import {
  bundleEnding,
  type ImportedRun,
  largestSentBundle,
  describeImportedSweep,
  looksLikeBundle,
  looksLikeSweepFile,
} from '../../../shared/runBundle.ts';
import { formatBytes, formatPlural } from '../../../shared/text/format.ts';
import type { RouteLocationRaw } from 'vue-router';
import { request, RequestError, saveMedia } from '../../api/client.ts';
import { openFileDialog } from '../../models/imageIntake/openedFiles.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useRunFacetsStore } from '../../stores/runs/runFacets.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';

/** Saves the run as one file and reports what it contains. */
export async function exportRun(id: string): Promise<void> {
  const notices = useNoticesStore();
  try {
    const exported = await request('bundles.export', { id });
    await saveMedia(exported.name, exported.path);
    notices.show({ level: 'success', message: describeExport(exported), seconds: 12 });
  } catch (error) {
    notices.fail(error, 'The run could not be exported');
  }
}

/** Saves a sweep with all of its runs as one file. */
export async function exportSweep(id: string): Promise<void> {
  const notices = useNoticesStore();
  try {
    const { name, path, bytes, runs } = await request('bundles.exportSweep', { id });
    await saveMedia(name, path);
    const message = `Saved ${name}: ${formatBytes(bytes)} with ${formatPlural(runs, 'run')}, each with its newest checkpoint.`;
    notices.show({ level: 'success', message, seconds: 12 });
  } catch (error) {
    notices.fail(error, 'The sweep could not be exported');
  }
}

/** Returns the files that contain a run or a sweep, recognized by their first bytes. */
export async function findRunFiles(files: readonly File[]): Promise<readonly File[]> {
  const kinds = await Promise.all(files.map(kindOf));
  return files.filter((_, index) => kinds[index] !== null);
}

async function kindOf(file: File): Promise<'run' | 'sweep' | null> {
  // Read errors are reported when the whole file is read.
  const start = await file
    .slice(0, 128)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0));
  const bytes = new Uint8Array(start);
  if (looksLikeSweepFile(bytes)) return 'sweep';
  return looksLikeBundle(bytes) ? 'run' : null;
}

function describeExport({ name, bytes, checkpoints, missingData }: ExportedBundle): string {
  const steps = checkpoints.length === 0 ? 'no checkpoint' : formatPlural(checkpoints.length, 'checkpoint');
  const data = missingData === null ? '' : ` It does not contain the training images (${missingData}).`;
  return `Saved ${name}: ${formatBytes(bytes)} with ${steps}.${data}`;
}

interface UseRunImportReturn {
  /** Imports files one after the other; opens the run or the sweep if there is only one file. */
  take(files: readonly File[]): Promise<void>;
  /** Opens the file dialog. */
  choose(): void;
}

export function useRunImport(): UseRunImportReturn {
  const openResult = useOpenResult();

  async function takeAll(files: readonly File[], asCopy: boolean) {
    await openResult(async (isShown) => {
      const places: RouteLocationRaw[] = [];
      for (const file of files) {
        const isOpened = () => files.length === 1 && isShown();
        const place = await importOne(file, { asCopy, isOpened, copy: () => takeAll([file], true) });
        if (place) places.push(place);
      }
      if (places.length === 0) return null;
      await Promise.all([useRunListStore().refresh(), useRunFacetsStore().refresh()]);
      // Notices link to runs that are not opened.
      return files.length === 1 ? { to: places[0], message: null } : null;
    });
  }

  function choose() {
    openFileDialog({ accept: bundleEnding, isMultiple: true }, (files) => void takeAll(files, false));
  }

  return { take: (files) => takeAll(files, false), choose };
}

interface ImportOptions {
  readonly asCopy: boolean;
  /** Whether its run is opened afterwards, so that the notice needs no link. */
  isOpened(): boolean;
  /** Imports the file again as a copy. */
  copy(): Promise<void>;
}

/** Returns the view of what was imported; null if nothing was. */
async function importOne(
  file: File,
  { asCopy, isOpened, copy }: ImportOptions,
): Promise<RouteLocationRaw | null> {
  try {
    const kind = await checkFile(file);
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (kind === 'sweep') {
      const sweep = await request('bundles.importSweep', { bytes });
      useNoticesStore().show({ level: 'success', message: describeImportedSweep(sweep) });
      return { name: 'sweep', params: { id: sweep.id } };
    }
    const run = await request('bundles.import', { bytes, asCopy });
    reportImport(run, isOpened());
    return { name: 'run', params: { id: run.id } };
  } catch (error) {
    refuse(file, error, copy);
    return null;
  }
}

function reportImport({ id, name, step, checkpoints, missingData }: ImportedRun, isOpened: boolean): void {
  const notices = useNoticesStore();
  const steps = checkpoints.length === 0 ? 'no checkpoint' : formatPlural(checkpoints.length, 'checkpoint');
  const message = `Imported “${name}” at step ${step} with ${steps}.`;
  notices.show({ level: 'success', message, runId: isOpened ? null : id });
  if (missingData === null) return;
  const warning = `Its training images (“${missingData}”) are not on this machine. The run can be evaluated on other data and fill in your images. To continue its training, choose its images with “Locate data…” on its page.`;
  notices.show({ level: 'warning', message: warning, seconds: null });
}

function refuse(file: File, error: unknown, copy: () => Promise<void>): void {
  const notices = useNoticesStore();
  if (error instanceof RequestError && error.code === 'conflict') {
    const action = { label: 'Import a copy', run: copy };
    notices.show({ level: 'warning', message: error.message, action, seconds: 30 });
  } else if (error instanceof FileRefusal) notices.show({ level: 'error', message: error.message });
  else notices.fail(error, `${file.name} could not be imported`);
}

/** A file that is rejected before it is sent; the message can be shown. */
class FileRefusal extends Error {}

async function checkFile(file: File): Promise<'run' | 'sweep'> {
  const kind = await kindOf(file);
  if (kind === null)
    throw new FileRefusal(
      `${file.name} is not an exported run or sweep. Choose a file that “Export run” or “Export the sweep with its runs” wrote.`,
    );
  if (file.size > largestSentBundle)
    throw new FileRefusal(
      `${file.name} has ${formatBytes(file.size)}, but at most ${formatBytes(largestSentBundle)} can be imported here. Import it in the terminal: lab import FILE.`,
    );
  return kind;
}
