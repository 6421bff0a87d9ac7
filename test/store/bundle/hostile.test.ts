import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importBundle, importBytes, importFile } from '../../../main/store/bundle/importRun.ts';
import { DamagedFileError } from '../../../main/store/files/safetensorsHeader.ts';
import { getRun } from '../../../main/store/runs/runs.ts';
import { openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import {
  changeBundle,
  findEntry,
  flipBit,
  validBundle,
  changeManifest,
  encodeLength,
  expectRejections,
  changeConfig,
  changeLoss,
  changeRun,
  type InvalidBundle,
} from './bundleSurgery.ts';
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
  ['an unknown key', () => changeRun({ admin: true }), /run: Unrecognized key/],
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

describe('a bundle of an earlier version', () => {
  it('may hold the parameters of other networks, in the run or in its checkpoints only', () => {
    const read = (bytes: Buffer) => {
      const store = openExampleStore();
      return getRun(store.db, importBytes(store, bytes, { asCopy: false }).id).config;
    };
    const addOthers = (config: Record<string, unknown>) => ({
      ...config,
      field: { ...Object(config['field']), levels: 3, mixing: 5 },
    });
    const expected = read(validBundle);
    expect(read(changeConfig(addOthers))).toEqual(expected);
    expect(read(changeRun({ config: addOthers({ ...expected }) }))).toEqual(expected);
  });
});
