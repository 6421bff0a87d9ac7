import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { makePngChunk, readPngChunks, insertPngText, readPngText } from '../../shared/images/pngText.ts';

const keyword = 'sparse-field-lab';
const picture = new Uint8Array(
  await sharp({ create: { width: 3, height: 2, channels: 3, background: '#804020' } })
    .png()
    .toBuffer(),
);

describe('a text in a PNG', () => {
  it('comes back as it was, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(readPngText(insertPngText(picture, keyword, text), keyword)).toBe(text);
      }),
    );
    expect(readPngText(insertPngText(picture, keyword, '\ufeff{"ü":"日本 🙂"}'), keyword)).toBe(
      '\ufeff{"ü":"日本 🙂"}',
    );
    expect(readPngText(insertPngText(picture, keyword, 'a\ud800b'), keyword)).toBe('a\ufffdb');
  });

  it('leaves the pixels alone, in a file that decoders accept', async () => {
    const written = insertPngText(picture, keyword, 'text');
    const [before, after] = await Promise.all(
      [picture, written].map((bytes) => sharp(bytes, { failOn: 'warning' }).raw().toBuffer()),
    );
    expect(after).toEqual(before);
    const types = readPngChunks(written)?.map(({ type }) => type) ?? [];
    expect(types.indexOf('iTXt')).toBeLessThan(types.indexOf('IDAT'));
    expect(types.filter((type) => type === 'IDAT').length).toBeGreaterThan(0);
    const { comments } = await sharp(written).metadata();
    expect(comments).toEqual([{ keyword: 'sparse-field-lab', text: 'text' }]);
  });

  it('takes the place of an earlier one under its keyword, and of no other', () => {
    const first = insertPngText(insertPngText(picture, 'other', 'stays'), keyword, 'old');
    const second = insertPngText(first, keyword, 'new');
    expect(second.length).toBe(first.length);
    expect([readPngText(second, keyword), readPngText(second, 'other')]).toEqual(['new', 'stays']);
    expect(readPngText(second, 'spars')).toBe(null);
  });

  it('has the checksum that zlib computes', () => {
    const chunk = makePngChunk('iTXt', Uint8Array.from([1, 2, 250]));
    expect(new DataView(chunk.buffer).getUint32(11)).toBe(
      crc32(Uint8Array.from([105, 84, 88, 116, 1, 2, 250])),
    );
  });

  it('is read from a view into a longer buffer', () => {
    const written = insertPngText(picture, keyword, 'text');
    const buffer = new Uint8Array(written.length + 5);
    buffer.set(written, 5);
    expect(readPngText(buffer.subarray(5), keyword)).toBe('text');
  });
});

describe('a file that has no such text', () => {
  const written = insertPngText(picture, keyword, 'text');
  const at = readPngChunks(written)?.find(({ type }) => type === 'iTXt')?.start ?? 0;
  const changed = (offset: number, ...bytes: number[]) => {
    const copy = written.slice();
    copy.set(bytes, at + offset);
    return copy;
  };
  const textChunk = (...data: number[]) => {
    const chunk = makePngChunk('iTXt', Uint8Array.from([...Buffer.from(keyword), 0, ...data]));
    return Buffer.concat([written.subarray(0, at), chunk, picture.subarray(at)]);
  };

  it.each([
    ['nothing', new Uint8Array()],
    ['another format', new TextEncoder().encode('not a PNG at all, but long enough to be one')],
    ['a PNG without it', picture],
    ['a wrong checksum', changed(30, 65)],
    ['a length that leads out of the file', changed(0, 0x7f, 0xff, 0xff, 0xff)],
    ['a length with the highest bit set', changed(0, 0xff, 0xff, 0xff, 0xff)],
    ['no end', written.slice(0, -12)],
    ['text that is not UTF-8', textChunk(0, 0, 0, 0, 0xff, 0xfe)],
    ['compressed text', textChunk(1, 0, 0, 0, ...deflateSync('text'))],
    ['a keyword and nothing behind it', textChunk()],
    ['a language tag without an end', textChunk(0, 0, 101, 110)],
  ])('answers null: %s', (_, bytes) => {
    expect(readPngText(bytes, keyword)).toBe(null);
  });

  it('answers null, whatever is cut off or overwritten', () => {
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

  it('cannot take one when it is no whole PNG, the keyword is wrong or the text too long', () => {
    expect(() => insertPngText(picture.slice(0, -1), keyword, '')).toThrow('no whole PNG');
    expect(() => insertPngText(new Uint8Array(3), keyword, '')).toThrow('3 bytes');
    expect(() => insertPngText(picture, 'two words', '')).toThrow('PNG keyword "two words"');
    expect(() => insertPngText(picture, '', '')).toThrow('PNG keyword ""');
    expect(() => insertPngText(picture, keyword, 'x'.repeat(2 ** 20 + 1))).toThrow('1048577 bytes');
  });
});
