/** The files of one inpainted image: their names, what may be replaced, and the provenance and numbers inside them. */

import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { figureKeyword } from '../../../shared/figureOrigin.ts';
import {
  type Provenance,
  provenanceKeyword,
  provenanceSchema,
  inpaintingScoreSchema,
  upgradeScores,
} from '../../../shared/inpainting.ts';
import { makePngChunk, insertPngText, readPngText } from '../../../shared/images/pngText.ts';
import { encodeResult, type ResultImage } from '../../jobs/inpainting/inpaintingFiles.ts';
import { writeFileAtomically, makeFolder } from '../../store/files/atomicFile.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

export const resultNumbersSchema = z.object({
  /** Name of the image file. */
  name: z.string(),
  /** Hash of its path, which distinguishes it from other images of the same name. */
  sourceKey: z.string().optional(),
  /** Name of the mask file or a description of the mask; null if it was drawn by a law. */
  mask: z.string().nullable().default(null),
  width: z.int(),
  height: z.int(),
  /** Absent: 1. */
  channels: z.literal(3).optional(),
  /** Known pixels; known values where the mask has three channels. */
  observed: z.int(),
  nfe: z.number(),
  tiles: z.number(),
  seconds: z.number(),
  peakBytes: z.number(),
  hasTruth: z.boolean(),
  scores: z.array(inpaintingScoreSchema),
});
export type ResultNumbers = z.infer<typeof resultNumbersSchema>;

/** Reads numbers of older versions, which wrote null for the PSNR of an exact image. */
export function upgradeNumbers<Numbers extends ResultNumbers>(numbers: Numbers): Numbers {
  return numbers.hasTruth ? { ...numbers, scores: upgradeScores(numbers.scores, numbers) } : numbers;
}

/** Keyword of the PNG text that holds the part of a result that a file is, and the numbers of the result. */
const outputKeyword = 'sparse-field-lab-output';
const outputSchema = z.object({
  part: z.enum(['result', 'sample', 'deviation', 'strip']),
  numbers: resultNumbersSchema.transform(upgradeNumbers).nullable().default(null),
});
export type OutputText = z.infer<typeof outputSchema>;

/** What a file records about itself. `output` is null in files of the application and of older versions. */
export interface WrittenOrigin {
  readonly provenance: Provenance;
  readonly output: OutputText | null;
}

/** Bytes of the longest suffix, plus the hash that distinguishes two images of the same name. */
const longestSuffix = '-sample-64.png'.length + '-01234567'.length;
/** Bytes of a name that fits every file system with any suffix. */
export const longestResultName = 255 - longestSuffix;
/** Bytes; longer chunks hold no text of this program. */
const longestChunk = 2 ** 20 + 2 ** 10;

/** Returns the names of the files of an image, the result first. */
export function nameFiles(
  name: string,
  { samples, hasStrip }: { samples: number; hasStrip: boolean },
): string[] {
  const sampleNames = Array.from({ length: samples }, (_, index) => sampleName(name, index + 1));
  return [
    `${name}.png`,
    ...(samples > 1 ? [deviationName(name), ...sampleNames] : []),
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

/** @throws Error when one of the files exists and was not written by this program, because it may be the only copy. */
export function assertReplaceable(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const path = join(folder, name);
    if (existsSync(path) && readOrigin(path) === null) {
      throw new Error(
        `${path} already exists and is not an inpainting result, so it was not overwritten. Choose another --out folder.`,
      );
    }
  }
}

interface OutputFile {
  readonly folder: string;
  readonly name: string;
  readonly origin: Provenance;
  readonly output: OutputText;
}

export async function writeImage(file: OutputFile, image: ResultImage): Promise<void> {
  writeMarked(file, await encodeResult(image));
}

/** Writes an encoded PNG with its provenance and numbers. */
export function writeMarked({ folder, name, origin, output }: OutputFile, png: Uint8Array): void {
  const marked = insertPngText(png, provenanceKeyword, JSON.stringify(origin));
  makeFolder(folder);
  writeFileAtomically({ folder, name, bytes: insertPngText(marked, outputKeyword, stringifyJson(output)) });
}

/** Returns null if the file has no provenance. */
export function readOrigin(path: string): WrittenOrigin | null {
  const head = readHead(path);
  const provenance = head && parseText(head, provenanceKeyword, provenanceSchema);
  return provenance && { provenance, output: parseText(head, outputKeyword, outputSchema) };
}

/** Returns whether this program computed a file: a result, a sample, a map, a strip or a figure. */
export function isOwnProduct(path: string): boolean {
  const head = readHead(path);
  if (head === null) return false;
  return [provenanceKeyword, figureKeyword].some((keyword) => readPngText(head, keyword) !== null);
}

function parseText<Value>(head: Uint8Array, keyword: string, schema: z.ZodType<Value>): Value | null {
  const text = readPngText(head, keyword);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Returns the chunks before the pixels of a complete PNG file, as a PNG without pixels; null for any other file. */
function readHead(path: string): Uint8Array | null {
  let file: number;
  try {
    if (!statSync(path).isFile()) return null;
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    return isWholePng(file) ? readChunksBeforePixels(file) : null;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const end = makePngChunk('IEND', new Uint8Array());

/** Checks the first and last bytes. */
function isWholePng(file: number): boolean {
  const { size } = fstatSync(file);
  if (size < signature.length + end.length) return false;
  const last = readAt(file, size - end.length, end.length);
  return readAt(file, 0, signature.length).equals(signature) && last.equals(end);
}

function readChunksBeforePixels(file: number): Uint8Array {
  const kept: Uint8Array[] = [signature];
  for (let position = signature.length; ;) {
    const start = readAt(file, position, 8);
    const type = start.toString('latin1', 4, 8);
    if (start.length < 8 || type === 'IDAT' || type === 'IEND') break;
    const length = start.readUInt32BE(0) + 12;
    if (length <= longestChunk) kept.push(readAt(file, position, length));
    position += length;
  }
  return Buffer.concat([...kept, end]);
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}
