import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { SheetEvent } from '../../main/compute/protocol.ts';
import {
  type ClassicalMemory,
  createClassicalMemory,
  createEvaluationRecorder,
  curvePlans,
  type EvaluationRequest,
  planEvaluation,
} from '../../main/jobs/evaluationJob.ts';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { commitCheckpoint } from '../../main/store/runs/recording.ts';
import { writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { evaluationSheetFile } from '../../main/store/files/runImages.ts';
import { purgeRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import type { RunConfigInput } from '../../shared/config/config.ts';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { exampleCheckpoint } from '../store/files/exampleCheckpoint.ts';

const pixels = Uint8Array.from({ length: 4 * 2 * 3 }, (_, index) => index * 10);
const createSheet = (name: string, times?: readonly number[]): SheetEvent => ({
  type: 'sheet',
  name,
  images: 2,
  columns: 2,
  ...(times && { times }),
  rows: { height: 2, width: 4, pixels },
});
const names = ['truth', 'known', 'nearest'];

function recordSheets(events = names.map((name) => createSheet(name))) {
  const store = openExampleStore();
  const { id: runId } = insertExampleRun(store, 'a');
  const errors: unknown[] = [];
  const recorder = createEvaluationRecorder(store, { runId, step: 5 }, (error) => errors.push(error));
  events.forEach(recorder.observe);
  return { store, runId, errors, keep: () => recorder.keep(exampleEvaluation) };
}

/** Plans an evaluation of a run of this configuration and returns its protocol. */
function planProtocol(config: RunConfigInput, changes: Partial<EvaluationRequest>) {
  const store = openExampleStore();
  const { id } = insertExampleRun(store, 'a', config);
  const checkpoint = writeCheckpoint(store.runFolder(id), exampleCheckpoint(5));
  commitCheckpoint(store, { runId: id, ...checkpoint, isBest: false, metrics: [] });
  const request = { images: 3, samples: 1, solver: 'heun', steps: 2, ...changes } as const;
  return planEvaluation(store, id, { request, cacheFolder: 'unused' }).job.protocol;
}

describe('an evaluation with noise on the observed values', () => {
  it('has the noise of its run unless another is requested, and pastes nothing', () => {
    const config = { mask: { observationNoise: 0.1 } };
    expect(planProtocol(config, {})).toMatchObject({ observationNoise: 0.1, pasted: false });
    expect(planProtocol({}, { observationNoise: 0.2 })).toMatchObject({
      observationNoise: 0.2,
      pasted: false,
    });
    const exact = planProtocol(config, { observationNoise: 0 });
    expect(exact.pasted).toBe(true);
    expect(exact).not.toHaveProperty('observationNoise');
  });
});

describe('an evaluation on a mixture of mask laws', () => {
  const plan = (kind: 'unet' | 'perceiver', mixture: string) =>
    planProtocol({ field: { kind } }, { maskLaw: 'mixture', mixture, keepRatio: 0.3 });

  it('has the expected fraction in its protocol where the requested one has no effect', () => {
    const mixture = 'text 3 keep=0.8, uniform keep=0.1..0.3';
    expect(plan('unet', mixture)).toMatchObject({
      maskLaw: 'mixture',
      maskMixture: mixture,
      keepRatio: 0.65,
    });
    expect(plan('unet', 'text, uniform keep=0.1')).toMatchObject({ keepRatio: 0.3 });
  });

  it('is refused if the network reads a list of observed pixels and their number differs', () => {
    expect(() => plan('perceiver', 'text keep=0.8, uniform')).toThrow(
      'Masks of the law mixture observe 307 to 819 pixels, but the network perceiver reads the same number',
    );
    expect(plan('perceiver', 'text, uniform')).toMatchObject({ maskMixture: 'text, uniform' });
  });
});

describe('an evaluation on a Bayer pattern', () => {
  const reading = { field: { kind: 'unet', channelMask: true } } as const;

  it('takes the pattern of its run unless another law or phase is requested', () => {
    const config = { ...reading, mask: { law: 'bayer', phase: 'GBRG', keepRatio: 0.7 } } as const;
    const own = planProtocol(config, {});
    expect(own).toMatchObject({ maskLaw: 'bayer', maskPhase: 'GBRG', keepRatio: 0.333333 });
    expect(planProtocol(config, { maskLaw: 'bayer' })).not.toHaveProperty('maskPhase');
    expect(planProtocol(config, { maskLaw: 'bayer', phase: 'BGGR' })).toMatchObject({ maskPhase: 'BGGR' });
    expect(planProtocol(config, { maskLaw: 'counter' })).toMatchObject({
      maskLaw: 'counter',
      keepRatio: 0.7,
    });
  });

  it('is refused if the network reads no mask for each channel', () => {
    expect(() => planProtocol({ field: { kind: 'unet' } }, { maskLaw: 'bayer' })).toThrow(
      'Masks of the law bayer observe one channel of each pixel, but this network reads one mask for all three channels; expected field.channelMask = true',
    );
    expect(() => planProtocol({}, { maskLaw: 'bayer' })).toThrow(
      'the network perceiver reads whole pixels; expected field.kind = unet with field.channelMask = true',
    );
  });
});

describe('a curve of quality against cost', () => {
  const plan = { solver: 'heun', steps: 9, eta: 0.5 } as const;

  it('has a plan for each solver and number of steps, once, and leaves other settings alone', () => {
    const curve = { solvers: ['heun', 'euler', 'heun'], steps: [1, 4, 1] } as const;
    expect(curvePlans(plan, curve, 2).map(({ solver, steps, eta }) => [solver, steps, eta])).toEqual([
      ['heun', 1, 0.5],
      ['heun', 4, 0.5],
      ['euler', 1, 0.5],
      ['euler', 4, 0.5],
    ]);
  });

  it('needs two samples, because it shows how much they differ', () => {
    expect(() => curvePlans(plan, { solvers: ['heun'], steps: [1] }, 1)).toThrow(
      'Found 1 sample per image; a curve of quality against cost needs at least 2.',
    );
  });
});

describe('classical results that several runs share', () => {
  const withSheets = (memory: ClassicalMemory, sheets: readonly string[], evaluation = exampleEvaluation) => {
    const store = openExampleStore();
    const { id: runId } = insertExampleRun(store, 'a');
    const recorder = createEvaluationRecorder(store, { runId, step: 5, memory }, (error) => {
      throw error;
    });
    sheets.forEach((name) => recorder.observe(createSheet(name)));
    return recorder.keep(evaluation);
  };
  const { protocol } = exampleEvaluation;
  const classical = exampleEvaluation.rows.filter(({ nfe }) => nfe === 0);
  const [{ method }] = classical;

  it('are remembered by protocol, with their rows and images', async () => {
    const memory = createClassicalMemory();
    await withSheets(memory, ['truth', 'known', method, 'flow']);
    expect(memory.known()).toEqual([{ protocol, rows: classical }]);
    const { imageSheets } = await withSheets(memory, ['truth', 'known', 'flow']);
    expect(imageSheets?.sheets).toEqual(['truth', 'known', method, 'flow']);
    const other = { ...exampleEvaluation, protocol: { ...protocol, maskSeed: protocol.maskSeed + 1 } };
    expect((await withSheets(memory, ['truth', 'known', 'flow'], other)).imageSheets?.sheets).toEqual([
      'truth',
      'known',
      'flow',
    ]);
  });

  it('are forgotten after four further protocols', () => {
    const memory = createClassicalMemory();
    const seeds = [1, 2, 3, 4, 5];
    for (const maskSeed of seeds)
      memory.remember({ ...exampleEvaluation, protocol: { ...protocol, maskSeed } }, []);
    expect(memory.known().map((each) => each.protocol.maskSeed)).toEqual([2, 3, 4, 5]);
  });
});

describe('an evaluation with images', () => {
  it('stores every sheet without loss and lists them in its row', async () => {
    const { store, runId, keep } = recordSheets();
    const { id, imageSheets } = await keep();
    expect(imageSheets).toEqual({ images: 2, columns: 2, imageSize: 2, sheets: names, states: [] });
    expect(listEvaluations(store.db, runId)).toMatchObject([{ id, step: 5, imageSheets }]);
    const file = evaluationSheetFile(store.runFolder(runId), id, 2);
    const found = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect([...found.data]).toEqual([...pixels]);
    expect(found.info).toMatchObject({ width: 4, height: 2, channels: 3 });
  });

  it('keeps its numbers, without any image, if the images cannot be written', async () => {
    const { store, runId, errors, keep } = recordSheets();
    writeFileSync(join(store.runFolder(runId), 'evaluations'), 'in the way');
    expect((await keep()).imageSheets).toBeNull();
    expect(errors).toHaveLength(1);
    expect(listEvaluations(store.db, runId)).toMatchObject([{ imageSheets: null, ...exampleEvaluation }]);
  });

  it('creates no new folder for a run that was deleted meanwhile', async () => {
    const { store, runId, errors, keep } = recordSheets();
    renameSync(store.runFolder(runId), join(store.dataFolder, 'trash', runId));
    await keep();
    expect([errors.length, existsSync(store.runFolder(runId))]).toEqual([1, false]);
  });

  it('replaces files that an evaluation of an older database left, and is deleted with its run', async () => {
    const { store, runId, keep } = recordSheets();
    const { id } = await keep();
    store.db.prepare('DELETE FROM evaluations').run();
    const folder = join(store.runFolder(runId), 'evaluations', String(id));
    writeFileSync(join(folder, '9.png'), 'old');
    expect((await keep()).id).toBe(id);
    expect(readdirSync(folder).sort()).toEqual(['0.png', '1.png', '2.png']);
    softDeleteRun(store, runId);
    purgeRun(store, runId);
    expect(listEvaluations(store.db, runId)).toEqual([]);
    expect(existsSync(join(store.dataFolder, 'trash', runId))).toBe(false);
  });

  it('stores the states of a sample after the rows, and ends them with the sheet of the row', async () => {
    const states = [createSheet('flow', [0]), createSheet('flow', [0.25, 0.5]), createSheet('flow')];
    const { store, runId, keep } = recordSheets([
      createSheet('truth'),
      createSheet('known'),
      ...states,
      createSheet('mean'),
    ]);
    const { id, imageSheets } = await keep();
    expect(imageSheets?.sheets).toEqual(['truth', 'known', 'flow', 'mean', 'flow, state 1', 'flow, state 2']);
    expect(imageSheets?.states).toEqual([
      { method: 'flow', times: [0], sheet: 4 },
      { method: 'flow', times: [0.25, 0.5], sheet: 5 },
      { method: 'flow', times: [1], sheet: 2 },
    ]);
    expect(listEvaluations(store.db, runId)[0].imageSheets).toEqual(imageSheets);
    expect(existsSync(evaluationSheetFile(store.runFolder(runId), id, 5))).toBe(true);
  });

  it('omits states if the rows need the space', async () => {
    const rows = Array.from({ length: 99 }, (_, index) => createSheet(`row ${index}`));
    const states = [createSheet('row 5', [0]), createSheet('row 5', [0.5])];
    const { keep } = recordSheets([...states, ...rows]);
    const imageSheets = (await keep()).imageSheets;
    expect(imageSheets?.sheets).toEqual(rows.map(({ name }) => name));
    expect(imageSheets?.states).toEqual([]);
  });
});
