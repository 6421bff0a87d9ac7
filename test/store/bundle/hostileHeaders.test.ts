import { describe } from 'vitest';
import {
  createImageBomb,
  changeBundle,
  findEntry,
  flipBit,
  validBundle,
  changeManifest,
  encodeLength,
  createNestedHeader,
  serializeBundle,
  expectRejections,
  replaceText,
  splitCheckpoint,
  parseBundle,
  changeEntry,
  changeMetadata,
  changeManifestText,
  type InvalidBundle,
} from './bundleSurgery.ts';

const headers: readonly InvalidBundle[] = [
  ['an empty file', () => Buffer.alloc(0), /0 bytes found, at least 8 expected/],
  ['an image', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /header length .* expected/],
  [
    'a checkpoint',
    () => changeMetadata({ format: 'sparse-field-lab checkpoint 1' }),
    /format "sparse.* 1" found.*lab export/,
  ],
  [
    'a newer version',
    () => changeMetadata({ version: '3' }),
    /version 3 found, at most 2 expected.*update the program/,
  ],
  ['an invalid version', () => changeMetadata({ version: '1e9' }), /version "1e9" found, a number expected/],
  [
    'a header longer than the file',
    () => Buffer.concat([encodeLength(2n ** 40n), validBundle.subarray(8)]),
    /header length 1099511627776 found/,
  ],
  [
    'a header length beyond 64-bit integers',
    () => Buffer.concat([encodeLength(2n ** 64n - 1n), validBundle.subarray(8)]),
    /header length 18446744073709551615/,
  ],
  ['a deeply nested header', () => createNestedHeader(), /text that is not JSON found/],
  [
    'bytes after its end',
    () => Buffer.concat([validBundle, Buffer.from('PK')]),
    /bytes of data found, \d+ bytes as the header says/,
  ],
  [
    'a duplicate tensor name',
    () => serializeBundle(parseBundle(), ',"preview/3":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'),
    /some of them twice/,
  ],
  [
    'a tensor named __proto__',
    () => serializeBundle(parseBundle(), ',"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'),
    /"__proto__" found/,
  ],
  [
    '__proto__ in its manifest',
    () => changeManifestText((text) => text.replace('"appVersion"', '"__proto__":{"x":1},"appVersion"')),
    /"__proto__" found/,
  ],
  [
    'a duplicate key in its manifest',
    () => changeManifestText((text) => text.replace('"appVersion"', '"exportedAt":"x","appVersion"')),
    /some of them twice/,
  ],
  ['a manifest that is not JSON', () => changeManifestText((text) => text.slice(1)), /not JSON/],
  [
    'a changed header with the old checksum',
    () => replaceText('full run', 'evil run'),
    /SHA-256 .* of the header found/,
  ],
  [
    'changed data with the old checksum',
    () => flipBit(validBundle.length - 1),
    /SHA-256 .* of the data found/,
  ],
];

const tensors: readonly InvalidBundle[] = [
  [
    'overlapping tensors',
    () => changeEntry('preview/6', { begin: 0, end: 1, shape: [1] }),
    /overlaps|leaves a hole/,
  ],
  [
    'offsets outside the file',
    () => changeEntry('preview/9', { begin: 2 ** 40, end: 2 ** 40 + 1, shape: [1] }),
    /hole|overlaps/,
  ],
  ['a negative size in a shape', () => changeEntry('preview/9', { shape: [-1] }), /shape \[-1\] found/],
  [
    'a shape whose product overflows',
    () => changeEntry('preview/9', { shape: [2 ** 30, 2 ** 30] }),
    /shape .* found, integers/,
  ],
  [
    'offsets that do not fit the shape',
    () => changeEntry('metrics/loss', { shape: [4, 100_000_000] }),
    /offsets .* found/,
  ],
  [
    'a matrix of another shape',
    () => changeEntry('metrics/loss', { shape: [9, 4] }),
    /F64 \[9, 4\] found, F64 \[4, points\]/,
  ],
  [
    'an unknown metric',
    () => changeEntry('metrics/loss', { name: 'metrics/toString' }),
    /"metrics\/toString" found/,
  ],
  [
    'a path in place of a tensor name',
    () => changeEntry('preview/9', { name: '../../preview/9' }),
    /"..\/..\/preview\/9" found/,
  ],
  [
    'a path in place of a step',
    () => changeEntry('checkpoint/9/weight', { name: 'checkpoint/../weight' }),
    /only what the manifest names/,
  ],
  [
    'a preview that is not in the manifest',
    () => changeManifest(({ previews }) => void previews.pop()),
    /"preview\/9" found, only what/,
  ],
  [
    'a missing preview',
    () => changeManifest(({ previews }) => void previews.push({ step: 12, createdAt: time })),
    /no tensor "preview\/12" found/,
  ],
  [
    'a checkpoint that is not in the manifest',
    () => changeManifest(({ checkpoints }) => void checkpoints.pop()),
    /a checkpoint of step 9 found, none/,
  ],
  [
    'a checkpoint whose tensors are not contiguous',
    () => splitCheckpoint(),
    /apart from the rest of its checkpoint/,
  ],
  [
    'a preview that is not an image',
    () => changeBundle((parts) => void parts.data.fill(7, findEntry(parts, 'preview/9').begin)),
    /"preview\/9" that is no PNG found/,
  ],
  ['an image that is too large', () => createImageBomb(), /4294967295 × 4294967295 pixels found/],
];

const time = '2026-01-01T00:00:00.000Z';

describe('a bundle with an invalid header', () => expectRejections(headers));
describe('a bundle with invalid tensors', () => expectRejections(tensors));
