/** The files of one inpainted picture: what is there already, what may be replaced, what is written. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Provenance, provenanceKeyword, provenanceSchema } from '../../shared/inpainting.ts';
import { insertPngText, readPngText } from '../../shared/pure/pngText.ts';
import { encodeResult, type ResultPicture } from '../jobs/inpaintingFiles.ts';
import { writeFileAtomically } from '../store/files/atomicFile.ts';
import { isSameOrigin } from './inpaintResults.ts';

/** Names of the files of a picture, the result first. */
export function nameFiles(
  name: string,
  { samples, hasStrip }: { samples: number; hasStrip: boolean },
): string[] {
  const several = Array.from({ length: samples }, (_, index) => sampleName(name, index + 1));
  return [
    `${name}.png`,
    ...(samples > 1 ? [deviationName(name), ...several] : []),
    ...(hasStrip ? [stripName(name)] : []),
  ];
}

export function sampleName(name: string, sample: number): string {
  return `${name}-sample-${sample}.png`;
}

export function deviationName(name: string): string {
  return `${name}-deviation.png`;
}

export function stripName(name: string): string {
  return `${name}-strip.png`;
}

/** Whether all of these files are there, the first of them of this origin. */
export function isUpToDate(folder: string, names: readonly string[], origin: Provenance): boolean {
  if (!names.every((name) => existsSync(join(folder, name)))) return false;
  const found = readOrigin(join(folder, names[0]));
  return found !== null && isSameOrigin(found, origin);
}

/** @throws Error when one of the files is there and is no result of this program's: it may be somebody's only copy. */
export function assertReplaceable(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const path = join(folder, name);
    if (existsSync(path) && readOrigin(path) === null) {
      throw new Error(`${path} is there and is no result of an inpainting: it stays. Choose another --out.`);
    }
  }
}

export async function writePicture(
  { folder, name, origin }: { folder: string; name: string; origin: Provenance },
  picture: ResultPicture,
): Promise<void> {
  writePng({ folder, name, bytes: await encodeResult(picture, origin) });
}

/** A PNG that is one already. */
export function writeMarked(
  { folder, name, origin }: { folder: string; name: string; origin: Provenance },
  png: Uint8Array,
): void {
  writePng({ folder, name, bytes: insertPngText(png, provenanceKeyword, JSON.stringify(origin)) });
}

function writePng(file: { folder: string; name: string; bytes: Uint8Array }): void {
  mkdirSync(file.folder, { recursive: true });
  writeFileAtomically(file);
}

/** null where the file does not say how it came about. */
function readOrigin(path: string): Provenance | null {
  try {
    const text = readPngText(readFileSync(path), provenanceKeyword);
    return text === null ? null : provenanceSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
