import { describe, expect, it } from 'vitest';
import { createField } from '../../main/engine/field/registry.ts';
import { initialState } from '../../main/engine/train/state.ts';
import { layoutOf, loadState } from '../../main/compute/modelCheckpoint.ts';
import { branchRun } from '../../main/jobs/branchRun.ts';
import { findResumePoint } from '../../main/jobs/runCheckpoint.ts';
import { insertCheckpoint } from '../../main/store/runs/checkpoints.ts';
import { checkpointPath, writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { readMarks } from '../../main/store/runs/runMarks.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { smallConfig } from './smallRun.ts';

const config = smallConfig('synthetic');

/** Opens a store with a run whose checkpoint of step 7 differs from its initial state. */
function openWithCheckpoint(runConfig: RunConfig = config) {
  const store = openExampleStore();
  const { id } = insertRun(store, { name: 'parent', config: runConfig });
  const field = createField(runConfig.field);
  const layout = layoutOf(field, runConfig);
  const arrays = initialState(field.parameters, layout, 99);
  const tensors = new Map(
    Object.entries(arrays).map(([name, { shape, values }], index) => [
      name,
      { dtype: 'F32', shape, data: Float32Array.from(values, (value) => value + index + 1) } as const,
    ]),
  );
  const progress = JSON.stringify({ processSeconds: 70, loss: 0.5, bestPsnr: 20 });
  const saved = writeCheckpoint(store.runFolder(id), {
    step: 7,
    tensors,
    metadata: { config: JSON.stringify(runConfig), progress },
  });
  insertCheckpoint(store.db, {
    runId: id,
    step: 7,
    file: saved.file,
    bytes: saved.bytes,
    sha256: saved.sha256,
    isBest: false,
  });
  return { store, id, tensors };
}

/** Reads the state with which a branch begins. */
function readStart(store: ReturnType<typeof openWithCheckpoint>['store'], id: string) {
  return loadState(checkpointPath(store.runFolder(id), 0));
}

describe('a run branched from a checkpoint', () => {
  it('begins at step 0 with its weights and averages, and with a new optimizer state', () => {
    const { store, id, tensors } = openWithCheckpoint();
    const changed = { ...config, optim: { ...config.optim, learningRate: 0.5 } };
    const branch = branchRun(store, { name: 'child', config: changed, from: { runId: id, step: 7 } });
    const start = readStart(store, branch.id);
    expect(start.progress).toEqual({ step: 0, processSeconds: 0, loss: null, best: null });
    expect(start.config).toEqual(changed);
    // The state has exactly the entries that the trainer expects.
    const layout = layoutOf(createField(config.field), changed);
    expect(Object.keys(start.arrays).toSorted()).toEqual(
      layout.map(({ kind, parameter }) => `${kind}/${parameter}`).toSorted(),
    );
    for (const [name, { values }] of Object.entries(start.arrays)) {
      const expected = name.startsWith('adam.') ? new Float32Array(values.length) : tensors.get(name)?.data;
      expect(values, name).toEqual(expected);
    }
    expect(readMarks(store.db, branch.id).branchedFrom).toEqual({ runId: id, step: 7 });
    expect(findResumePoint(store, branch).checkpoint?.step).toBe(0);
  });

  it('uses the weights as averages if only the new run keeps some, and has no averages if the new run keeps none', () => {
    const plain = { ...config, optim: { ...config.optim, ema: 0 } };
    const without = openWithCheckpoint(plain);
    const averaging = branchRun(without.store, {
      name: 'child',
      config,
      from: { runId: without.id, step: 7 },
    });
    const { arrays } = readStart(without.store, averaging.id);
    expect(arrays['average/unet.stem.weight']).toEqual(arrays['param/unet.stem.weight']);
    const { store, id } = openWithCheckpoint();
    const branch = branchRun(store, { name: 'child', config: plain, from: { runId: id, step: 7 } });
    expect(
      Object.keys(readStart(store, branch.id).arrays).filter((name) => name.startsWith('average/')),
    ).toEqual([]);
  });

  it('takes every average from the one with its decay, or else from the main one', () => {
    const averaging = (ema: number, emaMore: number[]) => ({
      ...config,
      optim: { ...config.optim, ema, emaMore },
    });
    const { store, id, tensors } = openWithCheckpoint(averaging(0.9, [0.5]));
    const branch = branchRun(store, {
      name: 'child',
      config: averaging(0.5, [0.9, 0.99]),
      from: { runId: id, step: 7 },
    });
    const { arrays } = readStart(store, branch.id);
    const name = 'unet.stem.weight';
    const kinds = ['average', 'average.2', 'average.3'].map((kind) => arrays[`${kind}/${name}`].values);
    const [main, second] = ['average', 'average.2'].map((kind) => tensors.get(`${kind}/${name}`)?.data);
    expect(kinds).toEqual([second, main, main]);
  });

  it('counts in the unit that its weights were trained in, whatever was measured elsewhere', () => {
    const measuredAs = (residual: number) => ({
      ...config,
      path: { ...config.path, unit: 'residual' as const, measured: { residual, images: 256 } },
    });
    const { store, id } = openWithCheckpoint(measuredAs(0.04));
    const from = { runId: id, step: 7 };
    const branch = branchRun(store, { name: 'child', config: measuredAs(0.2), from });
    expect(branch.config.path.measured).toEqual({ residual: 0.04, images: 256 });
    expect(readStart(store, branch.id).config.path.measured).toEqual({ residual: 0.04, images: 256 });
    expect(() => branchRun(store, { name: 'other', config, from })).toThrow(
      'path.unit is residual there and colours here',
    );
  });

  it('may have a different dropout, batch and image size', () => {
    const { store, id } = openWithCheckpoint();
    const other = {
      ...config,
      field: { ...config.field, dropout: 0 },
      data: { ...config.data, imageSize: 24 },
      train: { ...config.train, batchSize: 2 },
    };
    expect(branchRun(store, { name: 'child', config: other, from: { runId: id, step: 7 } }).name).toBe(
      'child',
    );
  });

  it('is refused, with the first difference and without leaving anything behind, if the networks differ', () => {
    const { store, id } = openWithCheckpoint();
    const wider = { ...config, field: { ...config.field, dim: 32, blocks: 2 } };
    const createBranch = (branched: RunConfig, step: number) => () =>
      branchRun(store, { name: 'child', config: branched, from: { runId: id, step } });
    expect(createBranch(wider, 7)).toThrow(/a different network: field\.dim is 16 there and 32 here/);
    expect(createBranch(config, 8)).toThrow(/“parent” has no checkpoint of step 8 any more/);
    expect(listRuns(store.db).map(({ name }) => name)).toEqual(['parent']);
  });
});
