/** Image files in a run's folder: `preview-<step>.png`, and `evaluations/<evaluation id>/<n>.png` for sheets of images. */

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from './atomicFile.ts';
import { checkStep } from './checkpointFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from './fileSystem.ts';

const previewPattern = /^preview-(0|[1-9]\d{0,15})\.png$/;

/**
 * Writes the preview of one step, replacing an older one of that step.
 * @returns the file's name inside the folder.
 */
export function writePreview(
  options: { folder: string; step: number; png: Uint8Array },
  fileSystem: FileSystem = nodeFileSystem,
): string {
  const name = previewName(options.step);
  writeFileAtomically({ folder: options.folder, name, bytes: options.png }, fileSystem);
  return name;
}

/** Returns the file name of a preview. @throws Error when `step` is not an integer ≥ 0. */
export function previewName(step: number): string {
  checkStep(step);
  return `preview-${step}.png`;
}

/** Returns the step in a preview's file name; undefined for any other name. */
export function parsePreviewName(name: string): number | undefined {
  const match = previewPattern.exec(name);
  return match ? Number(match[1]) : undefined;
}

/**
 * Writes all sheets of an evaluation or none. Sheets that an older database left under the same id are removed.
 * @throws Error when the run's folder does not exist or a sheet cannot be written.
 */
export function writeEvaluationSheets(
  { folder, id, sheets }: { folder: string; id: number; sheets: readonly Uint8Array[] },
  fileSystem: FileSystem = nodeFileSystem,
): void {
  const parent = join(folder, 'evaluations');
  // Not recursive: a run that was moved to the trash in the meantime must not get a second folder.
  if (!existsSync(parent)) mkdirSync(parent);
  const own = join(parent, String(id));
  rmSync(own, { recursive: true, force: true });
  try {
    mkdirSync(own);
    sheets.forEach((bytes, sheet) =>
      writeFileAtomically({ folder: own, name: `${sheet}.png`, bytes }, fileSystem),
    );
  } catch (error) {
    attempt(() => rmSync(own, { recursive: true, force: true }));
    throw error;
  }
}

/** Returns the path of a sheet. */
export function evaluationSheetFile(folder: string, id: number, sheet: number): string {
  return join(evaluationFolder(folder, id), `${sheet}.png`);
}

/** Returns the folder of the sheets of one evaluation. */
export function evaluationFolder(folder: string, id: number): string {
  return join(folder, 'evaluations', String(id));
}
