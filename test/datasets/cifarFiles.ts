/** Small CIFAR-10 files with known pixels, and archives of them. */

import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Creates `count` records in which byte b of the planes of image i is (7·i + b + salt) mod 256. */
export function createBinaryBatch(count: number, salt = 0): Buffer {
  const records = Array.from({ length: count }, (_, index) => {
    const planes = Buffer.from(Array.from({ length: 3072 }, (_, byte) => (7 * index + byte + salt) % 256));
    return Buffer.concat([Buffer.from([index % 10]), planes]);
  });
  return Buffer.concat(records);
}

/** Returns a pixel of image `index` of `createBinaryBatch`; the format has three planes in row-major order. */
export function expectedPixel(index: number, at: { row: number; column: number }, salt = 0): number[] {
  return [0, 1, 2].map((channel) => (7 * index + channel * 1024 + at.row * 32 + at.column + salt) % 256);
}

export interface Member {
  readonly name: string;
  readonly bytes?: Buffer;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory';
  readonly linkname?: string;
}

/** Creates a `.tar.gz` of the members in order. */
export async function createArchive(members: readonly Member[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, bytes, type, linkname } of members) {
    if (bytes) tar.entry({ name }, bytes);
    else tar.entry({ name, type, linkname });
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks), { level: 1 });
}
