/** What proves that a file is as it was written: hashes of its data area and of its header. */

import { createHash } from 'node:crypto';
import type { FileReader } from './fileSystem.ts';
import { readFully } from './safetensors.ts';
import type { TensorEntry } from './safetensorsHeader.ts';

/** Files are read and copied in pieces of this many bytes, however large they are. */
export const chunkBytes = 4 * 1024 * 1024;

/** SHA-256 (hex) of metadata and places, whatever the order of the metadata. */
export function hashHeader(
  metadata: Readonly<Record<string, string>>,
  entries: readonly TensorEntry[],
): string {
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const places = entries.map(({ name, dtype, shape, begin, end }) => [name, dtype, shape, begin, end]);
  return createHash('sha256')
    .update(JSON.stringify([texts, places]))
    .digest('hex');
}

/**
 * Reads bytes `begin` … `end` of an open file piece by piece; a piece is good until the next one is read.
 * @throws DamagedFileError when the file ends before.
 */
export function readInChunks(
  source: { readonly path: string; readonly file: number; readonly begin: number; readonly end: number },
  reader: FileReader,
  use: (chunk: Uint8Array, position: number) => void,
): void {
  const { path, file, begin, end } = source;
  const buffer = new Uint8Array(Math.min(chunkBytes, end - begin));
  for (let position = begin; position < end;) {
    const chunk = buffer.subarray(0, Math.min(buffer.byteLength, end - position));
    readFully({ path, file, position }, chunk, reader);
    use(chunk, position);
    position += chunk.byteLength;
  }
}
