import { crc32 as zlibCrc32 } from 'node:zlib';
import { fromBuffer } from 'yauzl';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../shared/numbers/crc32.ts';
import { createZip, createZipWriter, distinctName } from '../../shared/zipFile.ts';

/** Reads an archive with another program's reader, which checks sizes and checksums. */
function readZip(bytes: Uint8Array): Promise<Record<string, Buffer>> {
  return new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(bytes), { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      const found: Record<string, Buffer> = {};
      zip.on('entry', (entry: { fileName: string; crc32: number }) => {
        zip.openReadStream(entry as never, (failure, stream) => {
          if (failure) return reject(failure);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            found[entry.fileName] = Buffer.concat(parts);
            expect(entry.crc32).toBe(zlibCrc32(found[entry.fileName]));
            zip.readEntry();
          });
        });
      });
      zip.on('end', () => resolve(found));
      zip.on('error', reject);
      zip.readEntry();
    });
  });
}

describe('a zip archive', () => {
  it('is read back by another reader: names in any script, empty files, and every byte', async () => {
    const members = [
      { name: 'a/Wiese-ü-草.png', bytes: Uint8Array.from({ length: 3000 }, (_, index) => index) },
      { name: 'empty.csv', bytes: new Uint8Array() },
    ];
    const found = await readZip(createZip(members));
    expect(Object.keys(found)).toEqual(members.map(({ name }) => name));
    for (const { name, bytes } of members) expect(found[name].equals(bytes)).toBe(true);
    expect(await readZip(createZip([]))).toEqual({});
  });

  it('is the same in pieces as at once', () => {
    const members = [1, 2, 3].map((size) => ({
      name: `${size}.bin`,
      bytes: new Uint8Array(size).fill(size),
    }));
    const writer = createZipWriter();
    const pieces = [...members.flatMap((member) => [writer.add(member), member.bytes]), writer.finish()];
    expect(Buffer.concat(pieces).equals(createZip(members))).toBe(true);
  });

  it('has the checksum of zlib', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)));
  });

  it('gives equal names a number before the extension', () => {
    const taken = new Set(['a.png', 'a-2.png', 'b']);
    expect(['a.png', 'b', 'c.png'].map((name) => distinctName(name, taken))).toEqual([
      'a-3.png',
      'b-2',
      'c.png',
    ]);
  });
});
