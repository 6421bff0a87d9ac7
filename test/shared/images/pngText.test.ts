import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { makePngChunk, readPngChunks, insertPngText, readPngText } from '../../../shared/images/pngText.ts';

const keyword = 'sparse-field-lab';
const image = new Uint8Array(
  await sharp({ create: { width: 3, height: 2, channels: 3, background: '#804020' } })
    .png()
    .toBuffer(),
);

describe('a text in a PNG', () => {
  it('is unchanged after a round trip, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(readPngText(insertPngText(image, keyword, text), keyword)).toBe(text);
      }),
    );
    expect(readPngText(insertPngText(image, keyword, '\ufeff{"ü":"日本 🙂"}'), keyword)).toBe(
      '\ufeff{"ü":"日本 🙂"}',
    );
    expect(readPngText(insertPngText(image, keyword, 'a\ud800b'), keyword)).toBe('a\ufffdb');
  });

  it('does not change the pixels and is accepted by decoders', async () => {
    const written = insertPngText(image, keyword, 'text');
    const [before, after] = await Promise.all(
      [image, written].map((bytes) => sharp(bytes, { failOn: 'warning' }).raw().toBuffer()),
    );
    expect(after).toEqual(before);
    const types = readPngChunks(written)?.map(({ type }) => type) ?? [];
    expect(types.indexOf('iTXt')).toBeLessThan(types.indexOf('IDAT'));
    expect(types.filter((type) => type === 'IDAT').length).toBeGreaterThan(0);
    const { comments } = await sharp(written).metadata();
    expect(comments).toEqual([{ keyword: 'sparse-field-lab', text: 'text' }]);
  });

  it('replaces an earlier text with its keyword and no other', () => {
    const first = insertPngText(insertPngText(image, 'other', 'stays'), keyword, 'old');
    const second = insertPngText(first, keyword, 'new');
    expect(second.length).toBe(first.length);
    expect([readPngText(second, keyword), readPngText(second, 'other')]).toEqual(['new', 'stays']);
    expect(readPngText(second, 'spars')).toBe(null);
  });

  it('is stored with the checksum that zlib computes', () => {
    const chunk = makePngChunk('iTXt', Uint8Array.from([1, 2, 250]));
    expect(new DataView(chunk.buffer).getUint32(11)).toBe(
      crc32(Uint8Array.from([105, 84, 88, 116, 1, 2, 250])),
    );
  });

  it('can be read from a view of a longer buffer', () => {
    const written = insertPngText(image, keyword, 'text');
    const buffer = new Uint8Array(written.length + 5);
    buffer.set(written, 5);
    expect(readPngText(buffer.subarray(5), keyword)).toBe('text');
  });
});

describe('readPngText', () => {
  const written = insertPngText(image, keyword, 'text');
  const at = readPngChunks(written)?.find(({ type }) => type === 'iTXt')?.start ?? 0;
  const overwrite = (offset: number, ...bytes: number[]) => {
    const copy = written.slice();
    copy.set(bytes, at + offset);
    return copy;
  };
  const insertChunk = (...data: number[]) => {
    const chunk = makePngChunk('iTXt', Uint8Array.from([...Buffer.from(keyword), 0, ...data]));
    return Buffer.concat([written.subarray(0, at), chunk, image.subarray(at)]);
  };

  it.each([
    ['no bytes', new Uint8Array()],
    ['another format', new TextEncoder().encode('not a PNG at all, but long enough to be one')],
    ['a PNG without a text', image],
    ['a wrong checksum', overwrite(30, 65)],
    ['a length beyond the end of the file', overwrite(0, 0x7f, 0xff, 0xff, 0xff)],
    ['a length with the highest bit set', overwrite(0, 0xff, 0xff, 0xff, 0xff)],
    ['no end', written.slice(0, -12)],
    ['text that is not UTF-8', insertChunk(0, 0, 0, 0, 0xff, 0xfe)],
    ['compressed text', insertChunk(1, 0, 0, 0, ...deflateSync('text'))],
    ['a keyword without a text', insertChunk()],
    ['a language tag without an end', insertChunk(0, 0, 101, 110)],
  ])('returns null for %s', (_, bytes) => {
    expect(readPngText(bytes, keyword)).toBe(null);
  });

  it('returns the text or null, wherever the file is cut off or overwritten', () => {
    fc.assert(
      fc.property(fc.nat(written.length - 1), (length) => {
        expect(readPngText(written.slice(0, length), keyword)).toBe(null);
      }),
    );
    fc.assert(
      fc.property(fc.nat(written.length - 1), fc.nat(255), (offset, byte) => {
        const broken = written.slice();
        broken[offset] = byte;
        expect(['text', null]).toContain(readPngText(broken, keyword));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readPngText(bytes, keyword) === null),
    );
  });
});

describe('insertPngText', () => {
  it('rejects damaged files, invalid keywords and texts that are too long', () => {
    expect(() => insertPngText(image.slice(0, -1), keyword, '')).toThrow('no whole PNG');
    expect(() => insertPngText(new Uint8Array(3), keyword, '')).toThrow('3 bytes');
    expect(() => insertPngText(image, 'two words', '')).toThrow('PNG keyword "two words"');
    expect(() => insertPngText(image, '', '')).toThrow('PNG keyword ""');
    expect(() => insertPngText(image, keyword, 'x'.repeat(2 ** 20 + 1))).toThrow('1048577 bytes');
  });
});
