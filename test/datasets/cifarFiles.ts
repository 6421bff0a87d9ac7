/** Small CIFAR-10 files with known pixels, and archives of them. */

import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

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

/** A `.zip` of the members in order, compressed. PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16. */
export function createZip(members: readonly { readonly name: string; readonly bytes: Buffer }[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of members) {
    const packed = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed);
    entries.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, rest, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
