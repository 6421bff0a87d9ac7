/** Preview pictures of a run: `preview-<step>.png` in the run's folder. */

import { writeFileAtomically } from './atomicFile.ts';
import { checkStep } from './checkpointName.ts';
import { nodeFileSystem } from './fileSystem.ts';
import type { FileSystem } from './fileSystem.ts';

const previewPattern = /^preview-(0|[1-9]\d{0,15})\.png$/;

/**
 * Writes the picture of one step, replacing an older one of that step.
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

/** @throws Error when `step` is not an integer ≥ 0. */
export function previewName(step: number): string {
  checkStep(step);
  return `preview-${step}.png`;
}

/** The step in a preview's file name; undefined for any other name. */
export function parsePreviewName(name: string): number | undefined {
  const match = previewPattern.exec(name);
  return match ? Number(match[1]) : undefined;
}
