import fc from 'fast-check';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, viewBytes, writeSafetensors } from '../../../main/store/files/safetensors.ts';
import type { StoredTensor } from '../../../main/store/files/safetensors.ts';
import { DamagedFileError } from '../../../main/store/files/safetensorsHeader.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

const arrayTypes = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
};
const itemBytes = { F32: 4, F64: 8, I32: 4, I64: 8, U8: 1 };

/** Tensors with any bit pattern, including NaN and infinity. */
const tensor = fc
  .tuple(fc.constantFrom('F32', 'F64', 'I32', 'I64', 'U8'), fc.array(fc.nat(4), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const bytes = shape.reduce((product, side) => product * side, 1) * itemBytes[dtype];
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map(
        (values) => ({ dtype, shape, data: new arrayTypes[dtype](values.slice().buffer) }) as StoredTensor,
      );
  });
const name = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter((text) => !text.startsWith('_'));

function writeRaw(header: string | Uint8Array, dataBytes: number, length?: bigint): string {
  const path = join(makeTemporaryFolder(), 'raw.safetensors');
  const json = typeof header === 'string' ? Buffer.from(header) : Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  writeFileSync(path, Buffer.concat([prefix, json, Buffer.alloc(dataBytes)]));
  return path;
}

describe('safetensors', () => {
  it('are read as they were written, bit for bit, for any names, shapes and values', () => {
    const path = join(makeTemporaryFolder(), 'property.safetensors');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
        fc.dictionary(name, fc.string()),
        (entries, metadata) => {
          const tensors = new Map(entries);
          const bytes = writeSafetensors(path, { metadata, tensors });
          const read = readSafetensors(path);
          expect(bytes).toBe(statSync(path).size);
          expect({ ...read.metadata }).toEqual({ ...metadata });
          expect(read.tensors.size).toBe(tensors.size);
          for (const [key, { dtype, shape, data }] of tensors) {
            const found = read.tensors.get(key);
            expect([found?.dtype, found?.shape, found?.data.constructor]).toEqual([
              dtype,
              shape,
              data.constructor,
            ]);
            expect(
              found && Buffer.compare(viewBytes(found), viewBytes({ dtype, shape, data } as StoredTensor)),
            ).toBe(0);
          }
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });

  it('consist of the header length, padded JSON, and tensors in the order of their item size', () => {
    const path = join(makeTemporaryFolder(), 'layout.safetensors');
    const tensors = new Map<string, StoredTensor>([
      ['mask', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ['weight', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) }],
    ]);
    writeSafetensors(path, { metadata: { note: 'x' }, tensors });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
      __metadata__: { note: 'x' },
      mask: { dtype: 'U8', shape: [3], data_offsets: [8, 11] },
      weight: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
    });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192, 1, 2, 3]);
  });

  it('can be written from views of larger buffers', () => {
    const path = join(makeTemporaryFolder(), 'view.safetensors');
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    writeSafetensors(path, {
      metadata: {},
      tensors: new Map([['x', { dtype: 'F32' as const, shape: [2], data }]]),
    });
    expect(readSafetensors(path).tensors.get('x')?.data).toEqual(Float32Array.of(2, 3));
  });

  it('are not written if data, shape and dtype do not fit, or if a name is reserved', () => {
    const path = join(makeTemporaryFolder(), 'wrong.safetensors');
    const write = (key: string, value: unknown): number =>
      writeSafetensors(path, { metadata: {}, tensors: new Map([[key, value as StoredTensor]]) });
    expect(() => write('x', { dtype: 'F32', shape: [3], data: new Float32Array(2) })).toThrow(
      /2 values .* found, 3 of F32/,
    );
    expect(() => write('x', { dtype: 'F64', shape: [2], data: new Float32Array(2) })).toThrow(
      /2 of F64 expected/,
    );
    expect(() => write('x', { dtype: 'U8', shape: [-1], data: new Uint8Array(1) })).toThrow(/a valid shape/);
    for (const key of ['', '__proto__', '__metadata__']) {
      expect(() => write(key, { dtype: 'U8', shape: [1], data: new Uint8Array(1) })).toThrow(
        /reserved or empty/,
      );
    }
    const metadata = JSON.parse('{"number":1}') as Record<string, string>;
    expect(() => writeSafetensors(path, { metadata, tensors: new Map() })).toThrow(/"number": number found/);
  });

  it('are read if they were written by hand according to the format', () => {
    const header =
      '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\"b\\":":{"dtype":"U8","shape":[0,9],"data_offsets":[4,4]}}   ';
    const { tensors, metadata } = readSafetensors(writeRaw(header, 4));
    expect([tensors.get('a')?.data, tensors.get('"b":')?.shape, metadata]).toEqual([
      Float32Array.of(0),
      [0, 9],
      {},
    ]);
  });
});

const one = (dtype: string, shape: string, offsets: string): string =>
  `{"x":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
const u8 = (begin: number, end: number): string =>
  `{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;

const invalidFiles: readonly [
  title: string,
  header: string | Uint8Array,
  dataBytes: number,
  message: RegExp,
  length?: bigint,
][] = [
  ['a header longer than the file', '{}', 0, /header length 3 found, at most 2/, 3n],
  [
    'a header length beyond all integers',
    '{}',
    0,
    /header length 18446744073709551615/,
    0xffff_ffff_ffff_ffffn,
  ],
  ['an empty header', '', 0, /not JSON/],
  ['incomplete JSON', '{"x"', 0, /not JSON/],
  ['JSON with something after it', '{}{}', 0, /not JSON/],
  ['invalid UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 0, /not JSON/],
  ['a list', '[]', 0, /a JSON object expected/],
  ['space before the object', ' {}', 0, /a JSON object expected/],
  ['a tensor named __proto__', `{"__proto__":${u8(0, 1)}}`, 1, /tensor name "__proto__"/],
  ['metadata named __proto__', '{"__metadata__":{"__proto__":"x"}}', 0, /metadata "__proto__"/],
  ['metadata that is not text', '{"__metadata__":{"a":1}}', 0, /metadata "a": 1/],
  ['metadata that is not an object', '{"__metadata__":["a"]}', 0, /metadata/],
  ['a tensor that is a number', '{"x":1}', 0, /"x" with number/],
  [
    'a tensor with an unknown member',
    '{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"y":1}}',
    0,
    /data_offsets, dtype, shape, y/,
  ],
  ['a tensor without offsets', '{"x":{"dtype":"U8","shape":[0]}}', 0, /with dtype, shape found/],
  [
    'an unknown dtype',
    one('"BF16"', '[1]', '[0,2]'),
    2,
    /dtype "BF16" found, F64, I64, F32, I32, U8 expected/,
  ],
  ['a dtype from the prototype', one('"toString"', '[1]', '[0,1]'), 1, /dtype "toString"/],
  ['a dtype that is not text', one('["U8"]', '[1]', '[0,1]'), 1, /dtype \["U8"\]/],
  ['a shape that is not a list', one('"U8"', '1', '[0,1]'), 1, /shape 1 found/],
  ['a negative size', one('"U8"', '[-1]', '[0,1]'), 1, /shape \[-1\]/],
  ['two negative sizes', one('"U8"', '[-1,-1]', '[0,1]'), 1, /shape \[-1,-1\]/],
  ['a size that is not an integer', one('"U8"', '[0.5,2]', '[0,1]'), 1, /shape \[0.5,2\]/],
  ['a size that is text', one('"U8"', '["1"]', '[0,1]'), 1, /shape \["1"\]/],
  ['a shape that overflows', one('"U8"', '[4294967296,4294967296]', '[0,0]'), 0, /product below/],
  [
    'a shape that overflows before a zero',
    one('"U8"', '[9007199254740991,9007199254740991,0]', '[0,0]'),
    0,
    /product below/,
  ],
  ['a huge shape in a small file', one('"F32"', '[1000000000]', '[0,4]'), 4, /4000000000 bytes apart/],
  [
    'offsets that do not fit the shape',
    one('"F32"', '[1]', '[0,3]'),
    3,
    /offsets \[0,3\] of "x" found, .* 4 bytes apart/,
  ],
  ['reversed offsets', one('"U8"', '[1]', '[1,0]'), 1, /offsets \[1,0\]/],
  ['negative offsets', one('"U8"', '[1]', '[-1,0]'), 1, /offsets \[-1,0\]/],
  ['offsets that are not integers', one('"U8"', '[1]', '[0.5,1.5]'), 2, /offsets \[0.5,1.5\]/],
  ['three offsets', one('"U8"', '[1]', '[0,1,2]'), 2, /offsets \[0,1,2\]/],
  ['offsets beyond the end', one('"U8"', '[4]', '[0,4]'), 3, /3 bytes of data found, 4 bytes/],
  ['overlapping tensors', `{"a":${u8(0, 4)},"b":${u8(2, 6)}}`, 6, /"b" starts at 2 and overlaps/],
  ['the same bytes twice', `{"a":${u8(0, 4)},"b":${u8(0, 4)}}`, 4, /"b" starts at 0 and overlaps/],
  ['a hole between tensors', `{"a":${u8(0, 2)},"b":${u8(3, 4)}}`, 4, /"b" starts at 3 and leaves a hole/],
  ['a hole before the first tensor', `{"a":${u8(1, 2)}}`, 2, /"a" starts at 1 and leaves a hole/],
  ['another file after the data', `{"a":${u8(0, 2)}}`, 100, /100 bytes of data found, 2 bytes/],
  ['the same tensor name twice', `{"a":${u8(0, 1)},"a":${u8(0, 1)}}`, 1, /some of them twice/],
  ['the same name twice, once escaped', `{"a":${u8(0, 1)},"\\u0061" : ${u8(0, 1)}}`, 1, /some of them twice/],
  [
    'the same member twice',
    '{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
    1,
    /some of them twice/,
  ],
];

describe('an invalid safetensors file', () => {
  it.each(invalidFiles)('is rejected for %s', (_title, header, dataBytes, message, length) => {
    const path = writeRaw(header, dataBytes, length);
    expect(() => readSafetensors(path)).toThrow(DamagedFileError);
    expect(() => readSafetensors(path)).toThrow(message);
    expect(() => readSafetensors(path)).toThrow(path);
  });

  it('is rejected if it is shorter than the length prefix', () => {
    const path = join(makeTemporaryFolder(), 'short');
    writeFileSync(path, 'seven b');
    expect(() => readSafetensors(path)).toThrow(/7 bytes found, at least 8/);
  });

  it('is rejected for a header of more than 100 MB before that is read', () => {
    const sizes = { size: () => 2 ** 40, list: () => [], open: () => 1, close: () => undefined };
    const reads: number[] = [];
    const read = (_file: number, target: Uint8Array): number => {
      reads.push(target.byteLength);
      return target.fill(5).byteLength && (target.set([1, 225, 245, 5, 0, 0, 0, 0]), 8);
    };
    const unused = (): never => {
      throw new Error('not expected');
    };
    const port = {
      ...sizes,
      read,
      write: unused,
      sync: unused,
      rename: unused,
      remove: unused,
      makeFolder: unused,
      removeFolder: unused,
      syncFolder: unused,
    };
    expect(() => readSafetensors('big', port)).toThrow(/header length 100000001 found, at most 100000000/);
    expect(reads).toEqual([8]);
  });
});
