/** The files of one inpainted image: what is there already, what may be replaced, what is written, and what they say. */

import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { figureKeyword } from '../../../shared/figureOrigin.ts';
import {
  type Provenance,
  provenanceKeyword,
  provenanceSchema,
  pictureScoreSchema,
  upgradeScores,
} from '../../../shared/inpainting.ts';
import { makePngChunk, insertPngText, readPngText } from '../../../shared/images/pngText.ts';
import { encodeResult, type ResultImage } from '../../jobs/inpainting/inpaintingFiles.ts';
import { writeFileAtomically, makeFolder } from '../../store/files/atomicFile.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

export const resultNumbersSchema = z.object({
  /** Name of the file that was inpainted. */
  name: z.string(),
  /** Hash of its path at that time, so that another image of that name is not taken for it. */
  sourceKey: z.string().optional(),
  /** How its mask was given, where it was not drawn: the name of a file, or in words. */
  mask: z.string().nullable().default(null),
  width: z.int(),
  height: z.int(),
  observed: z.int(),
  nfe: z.number(),
  tiles: z.number(),
  seconds: z.number(),
  peakBytes: z.number(),
  hasTruth: z.boolean(),
  scores: z.array(pictureScoreSchema),
});
export type ResultNumbers = z.infer<typeof resultNumbersSchema>;

/** Older versions wrote null for the PSNR of an exact image. */
export function upgradeNumbers<Numbers extends ResultNumbers>(numbers: Numbers): Numbers {
  return numbers.hasTruth ? { ...numbers, scores: upgradeScores(numbers.scores, numbers) } : numbers;
}

/** Keyword of the text that says which part of a result a file is, and holds the numbers of the result. */
const outputKeyword = 'sparse-field-lab-output';
const outputSchema = z.object({
  part: z.enum(['result', 'sample', 'deviation', 'strip']),
  numbers: resultNumbersSchema.transform(upgradeNumbers).nullable().default(null),
});
export type OutputText = z.infer<typeof outputSchema>;

/** What a file says of itself. `output` is null in files of the application, and of older versions. */
export interface WrittenOrigin {
  readonly provenance: Provenance;
  readonly output: OutputText | null;
}

/** Bytes of the longest ending that a name gets here, and of what tells two images of one name apart. */
const longestEnding = '-sample-64.png'.length + '-01234567'.length;
/** Bytes of a name that fits every file system with any of the endings. */
export const longestResultName = 255 - longestEnding;
/** Longer chunks hold no text of ours. */
const longestChunk = 2 ** 20 + 2 ** 10;

/** Names of the files of an image, the result first. */
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

/** @throws Error when one of the files is there and was not written by this program: it may be somebody's only copy. */
export function assertReplaceable(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const path = join(folder, name);
    if (existsSync(path) && readOrigin(path) === null) {
      throw new Error(
        `${path} is there already and is not a result of an inpainting, so it is left as it is. Choose another --out.`,
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

export async function writePicture(file: OutputFile, picture: ResultImage): Promise<void> {
  writeMarked(file, await encodeResult(picture));
}

/** A PNG that is one already. */
export function writeMarked({ folder, name, origin, output }: OutputFile, png: Uint8Array): void {
  const marked = insertPngText(png, provenanceKeyword, JSON.stringify(origin));
  makeFolder(folder);
  writeFileAtomically({ folder, name, bytes: insertPngText(marked, outputKeyword, stringifyJson(output)) });
}

/** null where the file does not say how it came about. */
export function readOrigin(path: string): WrittenOrigin | null {
  const head = readHead(path);
  const provenance = head && parseText(head, provenanceKeyword, provenanceSchema);
  return provenance && { provenance, output: parseText(head, outputKeyword, outputSchema) };
}

/** Whether a file is an image that this program computed: a result, a sample, a map, a strip or a figure. */
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

/** The chunks of a whole PNG file that come before its pixels, as a PNG without pixels; null: it is none. */
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

/** By its first and last bytes. */
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
