/** Files from strangers whose header lies. */

import { describe } from 'vitest';
import {
  bomb,
  changed,
  entryOf,
  flipped,
  good,
  inManifest,
  lengthOf,
  nested,
  putTogether,
  refuseEach,
  replaced,
  splitCheckpoint,
  takeApart,
  withEntry,
  withMetadata,
  withText,
  type Hostile,
} from './bundleSurgery.ts';

const headers: readonly Hostile[] = [
  ['an empty file', () => Buffer.alloc(0), /0 bytes found, at least 8 expected/],
  ['an image', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /header length .* expected/],
  [
    'a checkpoint',
    () => withMetadata({ format: 'sparse-field-lab checkpoint 1' }),
    /format "sparse.* 1" found.*lab export/,
  ],
  [
    'a newer version',
    () => withMetadata({ version: '3' }),
    /version 3 found, at most 2 expected.*update the program/,
  ],
  [
    'a version that is none',
    () => withMetadata({ version: '1e9' }),
    /version "1e9" found, a number expected/,
  ],
  [
    'a header longer than the file',
    () => Buffer.concat([lengthOf(2n ** 40n), good.subarray(8)]),
    /header length 1099511627776 found/,
  ],
  [
    'a header of negative length',
    () => Buffer.concat([lengthOf(2n ** 64n - 1n), good.subarray(8)]),
    /header length 18446744073709551615/,
  ],
  ['a header nested without end', () => nested(), /text that is not JSON found/],
  [
    'bytes behind its end',
    () => Buffer.concat([good, Buffer.from('PK')]),
    /bytes of data found, \d+ bytes as the header says/,
  ],
  [
    'a name twice',
    () => putTogether(takeApart(), ',"preview/3":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'),
    /some of them twice/,
  ],
  [
    'the name __proto__',
    () => putTogether(takeApart(), ',"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'),
    /"__proto__" found/,
  ],
  [
    '__proto__ in its manifest',
    () => withText((text) => text.replace('"appVersion"', '"__proto__":{"x":1},"appVersion"')),
    /"__proto__" found/,
  ],
  [
    'a key twice in its manifest',
    () => withText((text) => text.replace('"appVersion"', '"exportedAt":"x","appVersion"')),
    /some of them twice/,
  ],
  ['a manifest that is no JSON', () => withText((text) => text.slice(1)), /not JSON/],
  [
    'a header changed without its seal',
    () => replaced('full run', 'evil run'),
    /SHA-256 .* of the header found/,
  ],
  ['data changed without their hash', () => flipped(good.length - 1), /SHA-256 .* of the data found/],
];

const places: readonly Hostile[] = [
  [
    'overlapping places',
    () => withEntry('preview/6', { begin: 0, end: 1, shape: [1] }),
    /overlaps|leaves a hole/,
  ],
  [
    'a place outside',
    () => withEntry('preview/9', { begin: 2 ** 40, end: 2 ** 40 + 1, shape: [1] }),
    /hole|overlaps/,
  ],
  ['a negative side', () => withEntry('preview/9', { shape: [-1] }), /shape \[-1\] found/],
  [
    'sides whose product overflows',
    () => withEntry('preview/9', { shape: [2 ** 30, 2 ** 30] }),
    /shape .* found, integers/,
  ],
  [
    'a place of another length than its shape',
    () => withEntry('metrics/loss', { shape: [4, 100_000_000] }),
    /offsets .* found/,
  ],
  [
    'a matrix of another form',
    () => withEntry('metrics/loss', { shape: [9, 4] }),
    /F64 \[9, 4\] found, F64 \[4, points\]/,
  ],
  [
    'a metric nobody knows',
    () => withEntry('metrics/loss', { name: 'metrics/toString' }),
    /"metrics\/toString" found/,
  ],
  [
    'a path for a name',
    () => withEntry('preview/9', { name: '../../preview/9' }),
    /"..\/..\/preview\/9" found/,
  ],
  [
    'a path for a step',
    () => withEntry('checkpoint/9/weight', { name: 'checkpoint/../weight' }),
    /only what the manifest names/,
  ],
  [
    'a preview nobody promised',
    () => inManifest(({ previews }) => void previews.pop()),
    /"preview\/9" found, only what/,
  ],
  [
    'a preview that is missing',
    () => inManifest(({ previews }) => void previews.push({ step: 12, createdAt: time })),
    /no tensor "preview\/12" found/,
  ],
  [
    'a checkpoint nobody promised',
    () => inManifest(({ checkpoints }) => void checkpoints.pop()),
    /a checkpoint of step 9 found, none/,
  ],
  ['a checkpoint in two pieces', () => splitCheckpoint(), /apart from the rest of its checkpoint/],
  [
    'previews that are no images',
    () => changed((parts) => void parts.data.fill(7, entryOf(parts, 'preview/9').begin)),
    /"preview\/9" that is no PNG found/,
  ],
  ['an image too large to be shown', () => bomb(), /4294967295 × 4294967295 pixels found/],
];

const time = '2026-01-01T00:00:00.000Z';

describe('a file with a header that cannot be', () => refuseEach(headers));
describe('a file with places that cannot be', () => refuseEach(places));
