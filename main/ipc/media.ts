/** Pictures by their address below the media root. An address is matched as a whole; no text of it becomes a path. */

import { join } from 'node:path';
import { trashFolder } from '../store/dataFolder.ts';
import { listPreviews } from '../store/previews.ts';
import type { Media } from './laboratory.ts';
import type { LaboratoryParts } from './parts.ts';

const previewPattern = /^runs\/([a-z2-7]{8})\/previews\/(0|[1-9]\d{0,15})\.png$/;
const sheetPattern = /^data\/([a-z0-9-]{1,40})\/sheet\.png$/;

/** null: nothing stands at that address. */
export async function findMedia(parts: LaboratoryParts, path: string): Promise<Media | null> {
  const preview = previewPattern.exec(path);
  if (preview) return findPreview(parts, preview[1], Number(preview[2]));
  const sheet = sheetPattern.exec(path);
  if (!sheet) return null;
  const isListed = (await parts.library.list()).some(({ id }) => id === sheet[1]);
  const bytes = isListed ? await parts.library.contactSheet(sheet[1]) : null;
  return bytes && { bytes, type: 'image/png' };
}

/** Only what has a row is there: its file name is the store's own. */
function findPreview({ store }: LaboratoryParts, runId: string, step: number): Media | null {
  const preview = listPreviews(store.db, runId).find((candidate) => candidate.step === step);
  if (!preview) return null;
  const query = store.db.prepare<[string], number>('SELECT deleted_at IS NOT NULL FROM runs WHERE id = ?');
  const isTrashed = query.pluck().get(runId) === 1;
  const folder = isTrashed ? trashFolder(store.dataFolder, runId) : store.runFolder(runId);
  return { file: join(folder, preview.file), type: 'image/png' };
}
