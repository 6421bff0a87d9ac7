/** Text in a PNG file: international text chunks (iTXt), uncompressed. PNG Specification (Third Edition), §11.3.3.4. */

import { crc32 } from '../numbers/crc32.ts';

/** Longer texts are not read, so that a made-up file cannot take memory. */
const mostTextBytes = 2 ** 20;
const keywordPattern = /^[!-~]{1,79}$/;
/** Compression flag, compression method, and the ends of an empty language tag and an empty translated keyword. */
const plainText = [0, 0, 0, 0];

/**
 * The text under `keyword`; the first of several. null where there is none that is whole, uncompressed, UTF-8 and at
 * most 1 MiB long, or the bytes are no whole PNG: nothing in a file makes this throw.
 */
export function readPngText(bytes: Uint8Array, keyword: string): string | null {
  const chunk = readPngChunks(bytes)?.find((candidate) => isTextOf(candidate, keyword));
  if (!chunk || chunk.data.length > mostTextBytes || !isChunkIntact(bytes, chunk)) return null;
  const { data } = chunk;
  const flags = keyword.length + 1;
  if (data[flags] !== 0) return null;
  const translated = data.indexOf(0, flags + 2) + 1;
  const text = translated === 0 ? 0 : data.indexOf(0, translated) + 1;
  return text === 0 ? null : decodeUtf8(data.subarray(text));
}

/**
 * A copy of a PNG with `text` under `keyword`, before its pixels; a text that was there under this keyword goes.
 * `keyword` is 1 to 79 ASCII characters without spaces; lone surrogates in `text` become U+FFFD.
 * @throws Error when the bytes are no whole PNG, or `keyword` or `text` is not valid in one.
 */
export function insertPngText(bytes: Uint8Array, keyword: string, text: string): Uint8Array<ArrayBuffer> {
  if (!keywordPattern.test(keyword)) {
    throw new Error(`PNG keyword "${keyword}": expected 1 to 79 ASCII characters without spaces.`);
  }
  const encoded = encodeUtf8(text);
  if (encoded.length > mostTextBytes) {
    throw new Error(`A text of ${encoded.length} bytes: expected at most ${mostTextBytes}; shorten it.`);
  }
  const chunks = readPngChunks(bytes);
  const pixels = chunks?.find(({ type }) => type === 'IDAT');
  if (!chunks || !pixels) {
    throw new Error(`${bytes.length} bytes that are no whole PNG image: expected one to put a text into.`);
  }
  const data = Uint8Array.from([...encodeUtf8(keyword), 0, ...plainText, ...encoded]);
  const isKept = (chunk: PngChunk) => !isTextOf(chunk, keyword);
  const partOf = ({ start, end }: PngChunk) => bytes.subarray(start, end);
  const [before, after] = [
    chunks.filter(isBefore(pixels)),
    chunks.filter((chunk) => !isBefore(pixels)(chunk)),
  ];
  return join([
    bytes.subarray(0, chunks[0].start),
    ...before.filter(isKept).map(partOf),
    makePngChunk('iTXt', data),
    ...after.filter(isKept).map(partOf),
  ]);
}

function isBefore(other: PngChunk): (chunk: PngChunk) => boolean {
  return ({ start }) => start < other.start;
}

function isTextOf({ type, data }: PngChunk, keyword: string): boolean {
  if (type !== 'iTXt' || data[keyword.length] !== 0) return false;
  return String.fromCharCode(...data.subarray(0, keyword.length)) === keyword;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** By way of percent-encoding, which is part of the language itself: text encoders are not. */
export function encodeUtf8(text: string): number[] {
  const escaped = encodeURIComponent(text.toWellFormed());
  return Array.from(escaped.matchAll(/%(..)|[^%]/g), ([character, hex]) =>
    hex === undefined ? character.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}

/** null where the bytes are not UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return null;
  }
}

/** One chunk; positions are byte offsets in the file. */
interface PngChunk {
  /** Four letters, e.g. `IHDR`. */
  readonly type: string;
  /** Of the length field the chunk begins with. */
  readonly start: number;
  /** Behind its checksum. */
  readonly end: number;
  readonly data: Uint8Array;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Length, type and checksum. */
const frameBytes = 12;

/**
 * The chunks in order, up to IEND; undefined where the bytes are not a whole PNG: another file, cut short, a length
 * that leads out of it. Checksums are not looked at.
 */
export function readPngChunks(bytes: Uint8Array): PngChunk[] | undefined {
  if (signature.some((byte, index) => bytes[index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let start = signature.length; start + frameBytes <= bytes.length;) {
    const end = start + frameBytes + view.getUint32(start);
    if (end > bytes.length) return undefined;
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    chunks.push({ type, start, end, data: bytes.subarray(start + 8, end - 4) });
    if (type === 'IEND') return chunks[0].type === 'IHDR' ? chunks : undefined;
    start = end;
  }
  return undefined;
}

/** Whether the checksum behind a chunk is that of its type and data. */
function isChunkIntact(bytes: Uint8Array, { start, end }: PngChunk): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(end - 4) === crc32(bytes.subarray(start + 4, end - 4));
}

/** A whole chunk: length, type, data, checksum. */
export function makePngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(data.length + frameBytes);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index++) chunk[4 + index] = type.charCodeAt(index);
  chunk.set(data, 8);
  view.setUint32(chunk.length - 4, crc32(chunk.subarray(4, -4)));
  return chunk;
}
