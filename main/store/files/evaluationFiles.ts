/** Sheets of an evaluation's pictures: `evaluations/<evaluation id>/<n>.png` in the run's folder. */

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from './atomicFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from './fileSystem.ts';

/**
 * All of the sheets or none; what an evaluation of that id in an older database left there goes.
 * @throws Error when the run's folder is not there, or one cannot be written.
 */
export function writeEvaluationSheets(
  { folder, id, sheets }: { folder: string; id: number; sheets: readonly Uint8Array[] },
  fileSystem: FileSystem = nodeFileSystem,
): void {
  const parent = join(folder, 'evaluations');
  // Not recursive: a run that was moved to the trash meanwhile gets no second folder.
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

/** Where a sheet stands. */
export function evaluationSheetFile(folder: string, id: number, sheet: number): string {
  return join(evaluationFolder(folder, id), `${sheet}.png`);
}

/** Where the sheets of one evaluation stand. */
export function evaluationFolder(folder: string, id: number): string {
  return join(folder, 'evaluations', String(id));
}
