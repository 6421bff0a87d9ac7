/** The chunks of a PNG file. W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", §5. */

/** One chunk; positions are byte offsets in the file. */
export interface PngChunk {
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
export function isChunkIntact(bytes: Uint8Array, { start, end }: PngChunk): boolean {
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

/** CRC-32 of ISO 3309 as PNG has it, bit by bit: text chunks are small. */
function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest >>> 0;
}
