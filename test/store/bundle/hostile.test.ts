/** Files from strangers whose contents lie, and bundles that were damaged on their way. */

import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importBundle, importBytes, importFile } from '../../../main/store/bundle/importRun.ts';
import { DamagedFileError } from '../../../main/store/files/safetensorsHeader.ts';
import { openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import {
  changed,
  entryOf,
  flipped,
  good,
  inManifest,
  lengthOf,
  refuseEach,
  withConfig,
  withLoss,
  withRun,
  type Hostile,
} from './bundleSurgery.ts';
import { describeStore } from './exampleBundle.ts';

const contents: readonly Hostile[] = [
  ['a path for an id', () => withRun({ id: '../../ab' }), /run\.id: expected a run id/],
  [
    'a folder as its data',
    () => withRun({ config: { data: { source: 'folder:/etc' } } }),
    /run\.config\.data\.source: expected synthetic/,
  ],
  [
    'a path behind elsewhere',
    () => withRun({ config: { data: { source: 'elsewhere:../x' } } }),
    /run\.config\.data\.source/,
  ],
  ['a config that is none', () => withRun({ config: { field: { dim: -1 } } }), /run\.config\.field/],
  ['the state of a run that is computed', () => withRun({ status: 'running' }), /run\.status/],
  ['the name of a word of ours', () => withRun({ name: 'latest' }), /run\.name/],
  ['a name of two lines', () => withRun({ name: 'a\nb' }), /run\.name: expected text in one line/],
  ['a name without end', () => withRun({ name: 'x'.repeat(1e6) }), /run\.name/],
  ['an error without end', () => withRun({ error: 'x'.repeat(1e6) }), /run\.error/],
  ['a note without end', () => inManifest(({ marks }) => void (marks.note = 'x'.repeat(1e6))), /marks\.note/],
  ['text for a step', () => withRun({ step: '9' }), /run\.step/],
  ['seconds below none', () => withRun({ processSeconds: -1 }), /run\.processSeconds/],
  ['a time that is none', () => withRun({ createdAt: 'yesterday' }), /run\.createdAt/],
  ['a key nobody knows', () => withRun({ admin: true }), /run: Unrecognized key/],
  ['a step behind the run', () => withRun({ step: 8 }), /a checkpoint of step 9 found, steps up to 8/],
  [
    'checkpoints out of order',
    () => inManifest(({ checkpoints }) => void checkpoints.reverse()),
    /steps that rise/,
  ],
  [
    'two best checkpoints',
    () => inManifest(({ checkpoints }) => checkpoints.forEach((each) => (each.isBest = true))),
    /several best/,
  ],
  [
    'metadata of the writer',
    () => inManifest(({ checkpoints }) => void checkpoints[0].metadata.push(['sha256', 'x'])),
    /"sha256" in the checkpoint of step 3/,
  ],
  [
    'a checkpoint of another network',
    () => withConfig((config) => ({ ...config, field: { dim: 64, heads: 8 } })),
    /another network/,
  ],
  [
    'a checkpoint with a folder',
    () => withConfig((config) => ({ ...config, data: { source: 'folder:/etc' } })),
    /data source in the checkpoint/,
  ],
  ['a checkpoint without a config', () => withConfig(() => ({ seed: 'x' })), /a config that cannot be read/],
  [
    'a checkpoint of other bytes',
    () => changed((parts) => void (parts.data[entryOf(parts, 'checkpoint/9/weight').begin] ^= 1)),
    /SHA-256 .* of the checkpoint of step 9 found/,
  ],
  [
    'steps that fall',
    () => withLoss(0, 3, 1),
    /step 1 after step 3 found in the metric loss|step 1 after step 3 in the metric loss/,
  ],
  ['a step that is no number', () => withLoss(0, 0, NaN), /step NaN/],
  ['half a step', () => withLoss(0, 0, 0.5), /step 0.5/],
  ['seconds that are no number', () => withLoss(2, 1, Infinity), /Infinity seconds of training/],
  ['a time after all time', () => withLoss(3, 1, 1e300), /time 1e\+300/],
  [
    'a state on a sheet that is none',
    () =>
      inManifest(
        ({ evaluations }) =>
          void Object.assign(evaluations[1].pictures ?? {}, {
            states: [{ method: 'flow', times: [0.5], sheet: 3 }],
          }),
      ),
    /a state stands on one of the sheets/,
  ],
  [
    'sheets an evaluation has not',
    () =>
      inManifest(
        ({ evaluations }) =>
          void Object.assign(evaluations[1].pictures ?? {}, { sheets: ['a', 'b', 'c', 'd'] }),
      ),
    /no tensor "evaluation\/1\/3" found/,
  ],
];

describe('a file with contents that cannot be', () => refuseEach(contents));

describe('a bundle that was damaged on its way', () => {
  it('is refused whichever bit is flipped and wherever it ends, before anything is written', () => {
    const store = openExampleStore();
    const before = describeStore(store);
    const place = fc.nat(good.length - 1);
    fc.assert(
      fc.property(place, fc.nat(7), (at, bit) => {
        expect(() => importBytes(store, flipped(at, bit), { asCopy: false })).toThrow(DamagedFileError);
      }),
      { numRuns: 300, seed: 3 },
    );
    fc.assert(
      fc.property(place, (length) => {
        expect(() => importBytes(store, good.subarray(0, length), { asCopy: false })).toThrow(
          DamagedFileError,
        );
      }),
      { numRuns: 100, seed: 4 },
    );
    expect(describeStore(store)).toEqual(before);
    expect(importBytes(store, good, { asCopy: false }).step).toBe(9);
  });

  it('claims sizes that its file has not: nothing is allocated for them', () => {
    const reads: number[] = [];
    const store = openExampleStore();
    const size = 2 ** 40;
    const json = Buffer.from(
      `{"__metadata__":{},"x":{"dtype":"F64","shape":[${size}],"data_offsets":[0,${8 * size}]}}`,
    );
    const bytes = Buffer.concat([lengthOf(BigInt(json.length)), json]);
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

  it('is refused as a file too, by its name', () => {
    const path = join(makeTemporaryFolder(), 'nothing.sparsefield');
    expect(() => importFile(openExampleStore(), path, { asCopy: false })).toThrow(
      /ENOENT.*nothing\.sparsefield/,
    );
  });
});
