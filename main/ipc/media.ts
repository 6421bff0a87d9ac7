/** Media by their address below the media root. Addresses are matched as a whole; none of their text becomes a path. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inpaintingFolder, maskFile, imageFile, trashFolder } from '../store/dataFolder.ts';
import { findImageSheets } from '../store/runs/evaluations.ts';
import { evaluationSheetFile } from '../store/files/runImages.ts';
import { readStudy, studyImageFile } from '../store/files/studyFiles.ts';
import { listPreviews } from '../store/runs/previews.ts';
import { findExport } from './requests/bundles.ts';
import { renderInpaintingStrip } from './inpaintingStrip.ts';
import { findReportFile } from './requests/compare.ts';
import { findMetricsCsv } from './metricsCsv.ts';
import type { LaboratoryParts, Media } from './parts.ts';

const previewPattern = /^runs\/([a-z2-7]{8})\/previews\/(0|[1-9]\d{0,15})\.png$/;
const imagePattern = /^(pictures|masks)\/([0-9a-f]{16})\.png$/;
const inpaintingPattern =
  /^inpaintings\/([a-z2-7]{8})\/((?:truth|known|mask|result|thumbnail|deviation|thin-plate|tension-spline|biharmonic|telea|(?:sample|time)-(?:0|[1-9]\d{0,3}))\.png)$/;
const stripPattern = /^inpaintings\/([a-z2-7]{8})\/strip\.png$/;
const evaluationPattern = /^runs\/([a-z2-7]{8})\/evaluations\/([1-9]\d{0,15})\/(0|[1-9]\d?)\.png$/;
const studyPattern = /^runs\/([a-z2-7]{8})\/study\/([0-7])\.safetensors$/;
const sheetPattern = /^data\/([a-z0-9-]{1,40})\/sheet\.png$/;

/** Returns null if there is nothing at the address. */
export async function findMedia(parts: LaboratoryParts, path: string): Promise<Media | null> {
  const preview = previewPattern.exec(path);
  if (preview) return findPreview(parts, preview[1], Number(preview[2]));
  const stored = imagePattern.exec(path);
  if (stored) return findImageOrMask(parts, stored[1], stored[2]);
  const made = inpaintingPattern.exec(path);
  if (made) return findInpaintingImage(parts, made[1], made[2]);
  const strip = stripPattern.exec(path);
  if (strip) return drawStrip(parts, strip[1]);
  const evaluated = evaluationPattern.exec(path);
  if (evaluated)
    return findEvaluationSheet(parts, evaluated[1], {
      id: Number(evaluated[2]),
      sheet: Number(evaluated[3]),
    });
  const studied = studyPattern.exec(path);
  if (studied) return findStudyImage(parts, studied[1], Number(studied[2]));
  const sheet = sheetPattern.exec(path);
  const { db, dataFolder } = parts.store;
  if (!sheet)
    return findMetricsCsv(db, path) ?? findReportFile(parts.store, path) ?? findExport(dataFolder, path);
  const isListed = (await parts.library.list()).some(({ id }) => id === sheet[1]);
  const bytes = isListed ? await parts.library.contactSheet(sheet[1]) : null;
  return bytes && { bytes, type: 'image/png' };
}

/** Looks up the preview's row, which holds the file name. */
function findPreview({ store }: LaboratoryParts, runId: string, step: number): Media | null {
  const preview = listPreviews(store.db, runId).find((candidate) => candidate.step === step);
  if (!preview) return null;
  return { file: join(findRunFolder(store, runId), preview.file), type: 'image/png' };
}

/** Looks up the sheet in the evaluation's row, like previews. */
function findEvaluationSheet(
  { store }: LaboratoryParts,
  runId: string,
  { id, sheet }: { id: number; sheet: number },
): Media | null {
  const imageSheets = findImageSheets(store.db, runId, id);
  if (imageSheets?.sheets[sheet] === undefined) return null;
  return { file: evaluationSheetFile(findRunFolder(store, runId), id, sheet), type: 'image/png' };
}

/** Only images that the description of the study lists. */
function findStudyImage({ store }: LaboratoryParts, runId: string, image: number): Media | null {
  const folder = findRunFolder(store, runId);
  if (readStudy(folder)?.images[image] === undefined) return null;
  return { file: studyImageFile(folder, image), type: 'application/octet-stream' };
}

function findRunFolder(store: LaboratoryParts['store'], runId: string): string {
  const query = store.db.prepare<[string], number>('SELECT deleted_at IS NOT NULL FROM runs WHERE id = ?');
  const isTrashed = query.pluck().get(runId) === 1;
  return isTrashed ? trashFolder(store.dataFolder, runId) : store.runFolder(runId);
}

function findImageOrMask({ store }: LaboratoryParts, kind: string, id: string): Media | null {
  return findFile((kind === 'pictures' ? imageFile : maskFile)(store.dataFolder, id));
}

async function drawStrip({ store, options }: LaboratoryParts, id: string): Promise<Media | null> {
  const bytes = await renderInpaintingStrip(store, id, options.version);
  return bytes && { bytes, type: 'image/png' };
}

/** Results of earlier versions have no thumbnail and are used in its place. */
function findInpaintingImage({ store }: LaboratoryParts, id: string, name: string): Media | null {
  const folder = inpaintingFolder(store.dataFolder, id);
  const found = findFile(join(folder, name));
  return found ?? (name === 'thumbnail.png' ? findFile(join(folder, 'result.png')) : null);
}

function findFile(file: string): Media | null {
  return existsSync(file) ? { file, type: 'image/png' } : null;
}
