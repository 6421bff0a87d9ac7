import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importBundle, importBytes, importFile } from '../../../main/store/bundle/importRun.ts';
import { DamagedFileError } from '../../../main/store/files/safetensorsHeader.ts';
import { openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import {
  changeBundle,
  changeConfig,
  changeEntry,
  changeLoss,
  changeManifest,
  changeManifestText,
  changeMetadata,
  changeRun,
  createImageBomb,
  createNestedHeader,
  encodeLength,
  expectRejections,
  findEntry,
  flipBit,
  type InvalidBundle,
  parseBundle,
  replaceText,
  serializeBundle,
  splitCheckpoint,
  validBundle,
} from './editBundle.ts';
import { describeStore } from './exampleBundle.ts';

const contents: readonly InvalidBundle[] = [
  ['a path in place of an ID', () => changeRun({ id: '../../ab' }), /run\.id: expected a run id/],
  [
    'a folder as data source',
    () => changeRun({ config: { data: { source: 'folder:/etc' } } }),
    /run\.config\.data\.source: expected synthetic/,
  ],
  [
    'a path in the data source "elsewhere"',
    () => changeRun({ config: { data: { source: 'elsewhere:../x' } } }),
    /run\.config\.data\.source/,
  ],
  ['an invalid config', () => changeRun({ config: { field: { dim: -1 } } }), /run\.config\.field/],
  ['the status of an active run', () => changeRun({ status: 'running' }), /run\.status/],
  ['a reserved name', () => changeRun({ name: 'latest' }), /run\.name/],
  ['a name with a line break', () => changeRun({ name: 'a\nb' }), /run\.name: expected text in one line/],
  ['a name that is too long', () => changeRun({ name: 'x'.repeat(1e6) }), /run\.name/],
  ['an error that is too long', () => changeRun({ error: 'x'.repeat(1e6) }), /run\.error/],
  [
    'a note that is too long',
    () => changeManifest(({ marks }) => void (marks.note = 'x'.repeat(1e6))),
    /marks\.note/,
  ],
  ['text in place of a step', () => changeRun({ step: '9' }), /run\.step/],
  ['a negative duration', () => changeRun({ processSeconds: -1 }), /run\.processSeconds/],
  ['an invalid time', () => changeRun({ createdAt: 'yesterday' }), /run\.createdAt/],
  ['an unknown key', () => changeRun({ admin: true }), /run: unknown name: admin/],
  [
    'a checkpoint beyond the step of the run',
    () => changeRun({ step: 8 }),
    /a checkpoint of step 9 found, steps up to 8/,
  ],
  [
    'checkpoints out of order',
    () => changeManifest(({ checkpoints }) => void checkpoints.reverse()),
    /steps that rise/,
  ],
  [
    'two best checkpoints',
    () => changeManifest(({ checkpoints }) => checkpoints.forEach((each) => (each.isBest = true))),
    /several best/,
  ],
  [
    'reserved metadata',
    () => changeManifest(({ checkpoints }) => void checkpoints[0].metadata.push(['sha256', 'x'])),
    /"sha256" in the checkpoint of step 3/,
  ],
  [
    'a checkpoint of another network',
    () => changeConfig((config) => ({ ...config, field: { dim: 64, heads: 8 } })),
    /another network/,
  ],
  [
    'a checkpoint with a folder as data source',
    () => changeConfig((config) => ({ ...config, data: { source: 'folder:/etc' } })),
    /data source in the checkpoint/,
  ],
  [
    'a checkpoint without a config',
    () => changeConfig(() => ({ seed: 'x' })),
    /a config that cannot be read/,
  ],
  [
    'a checkpoint with changed bytes',
    () => changeBundle((parts) => void (parts.data[findEntry(parts, 'checkpoint/9/weight').begin] ^= 1)),
    /SHA-256 .* of the checkpoint of step 9 found/,
  ],
  [
    'decreasing steps',
    () => changeLoss(0, 3, 1),
    /step 1 after step 3 found in the metric loss|step 1 after step 3 in the metric loss/,
  ],
  ['a step that is NaN', () => changeLoss(0, 0, NaN), /step NaN/],
  ['a step that is not an integer', () => changeLoss(0, 0, 0.5), /step 0.5/],
  ['an infinite duration', () => changeLoss(2, 1, Infinity), /Infinity seconds of training/],
  ['a time that is out of range', () => changeLoss(3, 1, 1e300), /time 1e\+300/],
  [
    'a state on a missing sheet',
    () =>
      changeManifest(
        ({ evaluations }) =>
          void Object.assign(evaluations[1].pictures ?? {}, {
            states: [{ method: 'flow', times: [0.5], sheet: 3 }],
          }),
      ),
    /a state stands on one of the sheets/,
  ],
  [
    'missing sheets of an evaluation',
    () =>
      changeManifest(
        ({ evaluations }) =>
          void Object.assign(evaluations[1].pictures ?? {}, { sheets: ['a', 'b', 'c', 'd'] }),
      ),
    /no tensor "evaluation\/1\/3" found/,
  ],
];

describe('a bundle with invalid contents', () => expectRejections(contents));

describe('a damaged bundle', () => {
  it('is rejected before anything is written, whichever bit is flipped and wherever it is cut off', () => {
    const store = openExampleStore();
    const before = describeStore(store);
    const offset = fc.nat(validBundle.length - 1);
    fc.assert(
      fc.property(offset, fc.nat(7), (at, bit) => {
        expect(() => importBytes(store, flipBit(at, bit), { asCopy: false })).toThrow(DamagedFileError);
      }),
      { numRuns: 300, seed: 3 },
    );
    fc.assert(
      fc.property(offset, (length) => {
        expect(() => importBytes(store, validBundle.subarray(0, length), { asCopy: false })).toThrow(
          DamagedFileError,
        );
      }),
      { numRuns: 100, seed: 4 },
    );
    expect(describeStore(store)).toEqual(before);
    expect(importBytes(store, validBundle, { asCopy: false }).step).toBe(9);
  });

  it('causes no allocation for a size that it does not have', () => {
    const reads: number[] = [];
    const store = openExampleStore();
    const size = 2 ** 40;
    const json = Buffer.from(
      `{"__metadata__":{},"x":{"dtype":"F64","shape":[${size}],"data_offsets":[0,${8 * size}]}}`,
    );
    const bytes = Buffer.concat([encodeLength(BigInt(json.length)), json]);
    const port = {
      size: () => bytes.length,
      read: (_: number, target: Uint8Array, at: number) => (
        reads.push(target.length),
        bytes.copy(target, 0, at)
      ),
    };
    expect(() => importBundle(store, { path: 'big', file: 0, reader: port }, { asCopy: false })).toThrow(
      /0 bytes of data found/,
    );
    expect(reads).toEqual([8, json.length]);
  });

  it('is reported with its path if the file is missing', () => {
    const path = join(makeTemporaryFolder(), 'nothing.sparsefield');
    expect(() => importFile(openExampleStore(), path, { asCopy: false })).toThrow(
      /ENOENT.*nothing\.sparsefield/,
    );
  });
});

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
    () => changeMetadata({ version: '5' }),
    /version 5 found, at most 4 expected.*update the program/,
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
