/** Runs as files: which of the user's files are some, and giving one out. */

import type { ExportedBundle } from '../../../shared/contract/bundles.ts';
import { formatBytes, formatPlural } from '../../../shared/text/format.ts';
import { looksLikeBundle } from '../../../shared/runBundle.ts';
import { request, saveMedia } from '../../api/client.ts';
import { useNoticesStore } from '../../stores/notices.ts';

/** Saves the run as one file, and tells what is in it. */
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

/** The files that hold a run, told by their first bytes, whatever they are called. */
export async function findRunFiles(files: readonly File[]): Promise<readonly File[]> {
  const are = await Promise.all(files.map(isRunFile));
  return files.filter((_, index) => are[index]);
}

export async function isRunFile(file: File): Promise<boolean> {
  // What cannot be read is told by whoever wants all of it.
  const start = await file
    .slice(0, 128)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0));
  return looksLikeBundle(new Uint8Array(start));
}

function describeExport({ name, bytes, checkpoints, missingData }: ExportedBundle): string {
  const steps = checkpoints.length === 0 ? 'no checkpoint' : formatPlural(checkpoints.length, 'checkpoint');
  const data = missingData === null ? '' : ` Its pictures (${missingData}) are not in it.`;
  return `${name} is saved: ${formatBytes(bytes)} with ${steps}.${data}`;
}
