import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { insertEvaluation, listEvaluations } from '../../../main/store/runs/evaluations.ts';
import { exportRun } from '../../../main/store/bundle/exportRun.ts';
import { importBytes, importFile, RunIsHereError } from '../../../main/store/bundle/importRun.ts';
import { insertCheckpoint } from '../../../main/store/runs/checkpoints.ts';
import { checkpointPath, readCheckpoint, writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { writePreview } from '../../../main/store/files/runImages.ts';
import { readSafetensors, viewBytes, type StoredTensor } from '../../../main/store/files/safetensors.ts';
import { insertMetrics } from '../../../main/store/runs/metrics.ts';
import { insertPreview } from '../../../main/store/runs/previews.ts';
import { changeRunConfig, softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import { changeTags, writeNote } from '../../../main/store/runs/runMarks.ts';
import { getRun, updateRun } from '../../../main/store/runs/runs.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { loggedMetrics, type MetricName } from '../../../shared/metric.ts';
import { looksLikeBundle, type BundledCheckpoints } from '../../../shared/runBundle.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';
import { catchError, insertExampleRun, openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import { describeContents, describeStore, drawPng, insertFullRun } from './exampleBundle.ts';
import { changeConfig, changeRun, validBundle } from './editBundle.ts';

function exportTo(store: Store, runId: string, checkpoints: BundledCheckpoints = 'all') {
  const path = join(makeTemporaryFolder(), 'run.sparsefield');
  return { path, ...exportRun(store, { runId, path, checkpoints, appVersion: '1.2.3' }) };
}

describe('a run that is exported and imported', () => {
  it('keeps all rows, curves, marks, and files bit for bit', async () => {
    const here = openExampleStore();
    const run = await insertFullRun(here);
    const { path, bytes } = exportTo(here, run.id);
    expect(bytes).toBe(statSync(path).size);
    const there = openExampleStore();
    const imported = importFile(there, path, { asCopy: false });
    expect(imported).toEqual({
      id: run.id,
      name: 'full run',
      step: 9,
      checkpoints: [3, 6, 9],
      missingData: null,
    });
    expect(describeContents(there, run.id)).toEqual(describeContents(here, run.id));
    expect(readdirSync(join(there.dataFolder, 'imports'))).toEqual([]);
    // The files are complete, so that the run survives its database, and reopening finds nothing to repair.
    expect(readdirSync(there.runFolder(run.id)).toSorted()).toEqual(
      readdirSync(here.runFolder(run.id)).toSorted(),
    );
    const again = openExampleStore(there.dataFolder);
    expect(again.findings).toEqual([]);
    expect(describeContents(again, run.id)).toEqual(describeContents(here, run.id));
  });

  it('keeps NaN and infinite numbers', () => {
    const here = openExampleStore();
    const { id } = insertExampleRun(here, 'exact');
    const at = { step: 3, processSeconds: 1, wallTime: 1e12 };
    insertMetrics(here.db, id, [
      { ...at, name: 'evaluation/psnr', value: Infinity },
      { ...at, name: 'loss', value: NaN },
    ]);
    updateRun(here.db, id, { bestPsnr: Infinity, status: 'diverged', step: 3 });
    const perImage = {
      psnr: [Infinity, 20],
      psnrUnobserved: [Infinity, null],
      ssim: [1, 0.5],
      mse: [0, 0.01],
      mae: [0, 0.05],
      crps: null,
    };
    const exact = exampleRow({ psnr: Infinity, exactImages: 100, psnrUnobserved: null, mse: 0 });
    const rows = [exact, exampleRow({ psnr: 20, exactImages: 1, perImage })];
    insertEvaluation(here.db, { ...exampleEvaluation, rows, runId: id, step: 3 });
    const there = openExampleStore();
    importFile(there, exportTo(here, id, 'newest').path, { asCopy: false });
    expect(getRun(there.db, id)).toMatchObject({ bestPsnr: Infinity, status: 'diverged' });
    expect(listEvaluations(there.db, id)[0].rows).toEqual(rows);
    expect(describeContents(there, id)).toEqual(describeContents(here, id));
  });

  it('keeps the measured unit of the path and the warning', () => {
    const here = openExampleStore();
    const run = insertExampleRun(here, 'measured');
    const measured = { residual: 0.0415, images: 256 };
    const config = { ...run.config, path: { ...run.config.path, measured } };
    changeRunConfig(here, run.id, config);
    updateRun(here.db, run.id, { warning: 'It learns nothing.' });
    const there = openExampleStore();
    importFile(there, exportTo(here, run.id, 'newest').path, { asCopy: false });
    expect(getRun(there.db, run.id)).toMatchObject({ config, warning: 'It learns nothing.' });
  });

  it('keeps arbitrary numbers, names and tensors', async () => {
    const images = await Promise.all([1, 2, 3].map(drawPng));
    fc.assert(
      fc.property(arbitraryRun, ({ name, note, tags, points, tensors, previews }) => {
        const here = openStore(makeTemporaryFolder());
        const there = openStore(makeTemporaryFolder());
        try {
          const { id } = insertExampleRun(here, name);
          insertMetrics(here.db, id, points);
          changeTags(here, [id], { add: tags, remove: [] });
          writeNote(here, id, note);
          for (const [index, values] of tensors.entries())
            addCheckpoint(here, id, { step: index * 5, values });
          for (const step of previews) {
            const file = writePreview({ folder: here.runFolder(id), step, png: images[step % 3] });
            insertPreview(here.db, { runId: id, step, file });
          }
          const last = Math.max(0, tensors.length - 1) * 5;
          updateRun(here.db, id, { status: 'paused', step: last });
          const { path } = exportTo(here, id);
          importBytes(there, readFileSync(path), { asCopy: false });
          expect(describeContents(there, id)).toEqual(describeContents(here, id));
        } finally {
          [here, there].forEach((store) => store.close());
        }
      }),
      { numRuns: 25, seed: 11 },
    );
  });

  it('is a valid safetensors file that is recognised by its first bytes', async () => {
    const here = openExampleStore();
    const run = await insertFullRun(here);
    const { path } = exportTo(here, run.id);
    expect(looksLikeBundle(readFileSync(path).subarray(0, 128))).toBe(true);
    expect(looksLikeBundle(readFileSync(checkpointPath(here.runFolder(run.id), 9)))).toBe(false);
    const { tensors } = readSafetensors(path);
    const own = readCheckpoint(checkpointPath(here.runFolder(run.id), 9)).tensors.get(
      'weight',
    ) as StoredTensor;
    const bundled = tensors.get('checkpoint/9/weight') as StoredTensor;
    expect(Buffer.compare(viewBytes(bundled), viewBytes(own))).toBe(0);
    expect(tensors.get('metrics/loss')).toMatchObject({ dtype: 'F64', shape: [4, 9] });
  });

  it.each([
    { checkpoints: 'newest and best', steps: [6, 9], step: 9 },
    { checkpoints: 'newest', steps: [9], step: 9 },
    { checkpoints: 'best', steps: [6], step: 6 },
    { checkpoints: 'all', steps: [3, 6, 9], step: 9 },
  ] as const)(
    'contains its checkpoints of steps $steps for the choice "$checkpoints"',
    async ({ checkpoints, steps, step }) => {
      const here = openExampleStore();
      const run = await insertFullRun(here);
      const { path, ...exported } = exportTo(here, run.id, checkpoints);
      expect(exported.checkpoints).toEqual(steps);
      const imported = importFile(openExampleStore(), path, { asCopy: false });
      expect(imported).toMatchObject({ checkpoints: steps, step });
    },
  );

  it('can be exported while it is computed, as an interrupted run, and from the trash', async () => {
    const here = openExampleStore();
    const run = await insertFullRun(here);
    updateRun(here.db, run.id, { status: 'running' });
    const there = openExampleStore();
    importFile(there, exportTo(here, run.id).path, { asCopy: false });
    expect(getRun(there.db, run.id)).toMatchObject({ status: 'interrupted', step: 9 });
    updateRun(here.db, run.id, { status: 'paused' });
    softDeleteRun(here, run.id);
    expect(exportTo(here, run.id).checkpoints).toEqual([3, 6, 9]);
  });

  it('is exported with the newest checkpoint that is not damaged, and rejected if there is none', async () => {
    const here = openExampleStore();
    const run = await insertFullRun(here);
    const damage = (step: number) => {
      writeCheckpoint(here.runFolder(run.id), { step, tensors: new Map(), metadata: {} });
      const path = checkpointPath(here.runFolder(run.id), step);
      truncateSync(path, statSync(path).size - 1);
    };
    damage(9);
    expect(exportTo(here, run.id, 'newest').checkpoints).toEqual([6]);
    [3, 6].forEach(damage);
    expect(() => exportTo(here, run.id, 'newest')).toThrow(/ckpt-9.* expected/);
  });
});

describe('importing an existing run', () => {
  it('is rejected with its name, or creates a copy on request', async () => {
    const store = openExampleStore();
    const run = await insertFullRun(store);
    const { path } = exportTo(store, run.id);
    const before = describeStore(store);
    const error = catchError(() => importFile(store, path, { asCopy: false }));
    expect(error).toBeInstanceOf(RunIsHereError);
    expect(error.message).toMatch(new RegExp(`Run ${run.id} "full run" is here already.*--copy`));
    expect(describeStore(store)).toEqual(before);
    const copy = importFile(store, path, { asCopy: true });
    expect(copy).toMatchObject({ name: 'full run 2', step: 9 });
    expect(copy.id).not.toBe(run.id);
    const one = describeContents(store, run.id);
    const other = describeContents(store, copy.id);
    expect(other).toEqual({ ...one, run: { ...one.run, name: 'full run 2' } });
    softDeleteRun(store, run.id);
    expect(() => importFile(store, path, { asCopy: false })).toThrow(/in the trash here.*--undo/);
  });

  it('creates a new ID if the existing run only has the same ID', async () => {
    const here = openExampleStore();
    const run = await insertFullRun(here);
    const { path } = exportTo(here, run.id);
    const there = openExampleStore();
    const other = insertExampleRun(there, 'full run');
    there.db.pragma('foreign_keys = OFF');
    there.db
      .prepare('UPDATE runs SET id = ?, created_at = ? WHERE id = ?')
      .run(run.id, '2020-01-01T00:00:00.000Z', other.id);
    const imported = importFile(there, path, { asCopy: false });
    expect(imported.id).not.toBe(run.id);
    expect(imported.name).toBe('full run 2');
    expect(existsSync(there.runFolder(imported.id))).toBe(true);
  });
});

describe('a bundle of an earlier version', () => {
  it('may contain the parameters of other networks, in the run or only in its checkpoints', () => {
    const readConfig = (bytes: Buffer) => {
      const store = openExampleStore();
      return getRun(store.db, importBytes(store, bytes, { asCopy: false }).id).config;
    };
    const addOthers = (config: Record<string, unknown>) => ({
      ...config,
      field: { ...Object(config['field']), levels: 3, mixing: 5 },
    });
    const expected = readConfig(validBundle);
    expect(readConfig(changeConfig(addOthers))).toEqual(expected);
    expect(readConfig(changeRun({ config: addOthers({ ...expected }) }))).toEqual(expected);
  });
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const point = fc.record({
  step: fc.nat(1e6),
  name: fc.constantFrom(...(Object.keys(loggedMetrics) as MetricName[])),
  value: fc.double(),
  processSeconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
  wallTime: fc.double({ min: 0, max: 8.64e15, noNaN: true }),
});
const visible = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => {
  return text.trim() === text && text !== 'latest' && !/\p{Cc}/u.test(text);
});
const arbitraryRun = fc.record({
  name: visible,
  note: fc.string({ maxLength: 200, unit: 'grapheme' }),
  tags: fc.uniqueArray(visible, { maxLength: 4 }),
  points: fc.uniqueArray(point, { maxLength: 60, selector: ({ step, name }) => `${step} ${name}` }),
  tensors: fc.array(fc.array(finite, { maxLength: 40 }), { maxLength: 3 }),
  previews: fc.uniqueArray(fc.nat(500), { maxLength: 4 }),
});

function addCheckpoint(store: Store, runId: string, at: { step: number; values: readonly number[] }): void {
  const data = Float32Array.from(at.values);
  const tensors = new Map<string, StoredTensor>([
    ['param/w', { dtype: 'F32', shape: [data.length], data }],
    ['a', { dtype: 'U8', shape: [at.values.length % 3], data: new Uint8Array(at.values.length % 3) }],
  ]);
  const { step, file, bytes, sha256 } = writeCheckpoint(store.runFolder(runId), {
    step: at.step,
    tensors,
    metadata: { progress: '{}', b: 'x', a: 'y' },
  });
  insertCheckpoint(store.db, { runId, step, file, bytes, sha256, isBest: at.step === 5 });
}
