import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addTimes,
  estimateEvaluation,
  estimateInpainting,
  estimateStudy,
} from '../../main/ipc/requests/estimateTimes.ts';
import { estimatePace } from '../../main/ipc/requests/estimateRun.ts';
import { timeOnce } from '../../main/runtime/processorSpeed.ts';
import { inpaintingFolder } from '../../main/store/dataFolder.ts';
import { insertImage, insertInpainting, updateInpainting } from '../../main/store/inpaintings/inpaintings.ts';
import { insertEvaluation } from '../../main/store/runs/evaluations.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { type RunConfigInput, runConfigSchema } from '../../shared/config/config.ts';
import { countImageProducts, expectClassical } from '../../shared/config/inpaintingCost.ts';
import { countStepOperations } from '../../shared/config/networkSize.ts';
import type { DoctorReport } from '../../shared/doctor.ts';
import { type InpaintingResult, inpaintingRequestSchema } from '../../shared/inpainting.ts';
import { countStudyEvaluations } from '../../shared/study.ts';
import type { TimeEstimate } from '../../shared/text/timeRange.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { addCheckpoint } from '../jobs/inpainting/exampleInpaintings.ts';
import { exampleRow } from '../reports/exampleEvaluation.ts';
import { exampleProtocol } from '../shared/comparison/exampleComparedRun.ts';
import { exampleStudy } from '../support/exampleStudy.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

const network: RunConfigInput = { field: { kind: 'unet', dim: 8 }, data: { imageSize: 32 } };
const config = runConfigSchema.parse(network);
const image = { width: 320, height: 240, known: 0.2, touched: 1 };
const plan = { solver: 'euler', steps: 10 } as const;

/** Inserts a finished inpainting of the image: `seconds` of its result and of the thin plate. */
function insertMeasured(store: Store, runId: string, seconds: readonly [number, number], of = image) {
  const { width, height, known, touched } = of;
  const entry = { id: '0123456789abcdef', name: 'boat.png', width, height };
  insertImage(store.db, entry);
  const request = inpaintingRequestSchema.parse({ pictureId: entry.id, runId, mask: { kind: 'drawn' } });
  const { id } = insertInpainting(store.db, {
    image: entry,
    request,
    runName: 'trained',
    checkpointStep: 7,
    checkpointSha256: 'ff',
  });
  const score = { psnr: null, psnrUnobserved: null, ssim: null };
  const result: InpaintingResult = {
    width,
    height,
    observed: known * width * height,
    touched,
    nfe: 10,
    seconds: 100,
    peakBytes: 1,
    tiles: 1,
    largestDeviation: null,
    times: [],
    scores: [
      { ...score, method: 'result', seconds: seconds[0] },
      { ...score, method: 'thin plate', seconds: seconds[1] },
    ],
  };
  // An entry without a folder has lost its images.
  mkdirSync(inpaintingFolder(store.dataFolder, id), { recursive: true });
  updateInpainting(store.db, id, { status: 'finished', result });
}

function openMeasured(...times: readonly (readonly [number, number])[]) {
  const store = openExampleStore();
  const { id } = insertExampleRun(store, 'trained', network);
  for (const seconds of times) insertMeasured(store, id, seconds);
  return { store, runId: id, sources: { db: store.db, report: null } };
}

describe('an estimate on a machine that has computed nothing', () => {
  const nothing = { db: null, report: null };
  const classical = { image, method: 'telea' } as const;
  const sampled = { image, config, plan, samples: 1 };

  it('grows with the slowness of the processor, in a narrower range than without its test', () => {
    const at = (slowness: number) => estimateInpainting({ ...nothing, slowness: () => slowness }, classical);
    const untested = estimateInpainting(nothing, classical);
    expect(at(1).seconds).toBe(untested.seconds);
    expect(at(3).seconds).toBeCloseTo(3 * (at(1).seconds ?? 0), 12);
    const width = ({ range }: TimeEstimate) => (range === null ? NaN : range[1] / range[0]);
    expect(width(at(1))).toBeLessThan(width(untested));
  });

  it('exists for a network as well, once the processor was tested', () => {
    expect(estimateInpainting(nothing, sampled).seconds).toBeNull();
    const [one, two] = [1, 2].map((slowness) =>
      estimateInpainting({ ...nothing, slowness: () => slowness }, sampled),
    );
    expect(two.seconds).toBeCloseTo(2 * (one.seconds ?? NaN), 9);
    expect(one.range?.[0]).toBeLessThan(one.seconds ?? 0);
    expect(one.range?.[1]).toBeGreaterThan(one.seconds ?? 0);
    expect(one.explanation).toContain('a short test of the processor');
  });

  it('takes the fastest of several repetitions of a test, which other work has disturbed least', () => {
    const readings = [0, 9, 10, 14, 20, 27].concat(Array.from({ length: 12 }, (_, at) => 100 + 50 * at));
    expect(timeOnce(() => readings.shift() ?? NaN)).toBe(4);
  });
});

describe('the time of an inpainting', () => {
  it('is the median of what the same network took for such images, plus the estimate before it', () => {
    // The third was slowed down by something else.
    const { sources } = openMeasured([4, 1], [5, 1], [30, 1], [4.4, 1]);
    const { seconds, range, explanation } = estimateInpainting(sources, { image, config, plan, samples: 1 });
    expect(seconds).toBeCloseTo(5.4, 9);
    expect(range?.[0]).toBeGreaterThan(4);
    expect(range?.[1]).toBeLessThan(7.5);
    expect(explanation).toBe('From 3 earlier results with this network on this machine.');
  });

  it('grows with evaluations, samples and the part of the image that has holes', () => {
    const { sources } = openMeasured([10, 0.001]);
    const time = (changes: object) =>
      estimateInpainting(sources, { image, config, plan, samples: 1, ...changes }).seconds;
    expect(time({})).toBeCloseTo(10, 2);
    expect(time({ samples: 8 })).toBeCloseTo(80, 2);
    expect(time({ plan: { solver: 'ddim', steps: 1 }, symmetries: 8 })).toBeCloseTo(8, 2);
    expect(time({ plan: { solver: 'ddim', steps: 1 } })).toBeCloseTo(1, 2);
    expect(time({ image: { ...image, touched: 0.25 } })).toBeCloseTo(2.5, 2);
  });

  it('is less certain for images of another size', () => {
    const { sources } = openMeasured([10, 0.001]);
    const larger = { ...image, width: 10 * image.width };
    const { range, explanation } = estimateInpainting(sources, { image: larger, config, plan, samples: 1 });
    expect((range?.[1] ?? 0) / (range?.[0] ?? 1)).toBeGreaterThan(3);
    expect(explanation).toContain('scaled by the size of the image');
  });

  it('follows from the time of a training step where the network has not filled in anything, and is unknown without that', () => {
    const { sources } = openMeasured();
    const report = { gigaflops: 100 } as DoctorReport;
    const planned = { image, config, plan, samples: 1 };
    const { milliseconds } = estimatePace(config, [], report);
    const sampling =
      ((milliseconds ?? 0) / 1000) * ((20 * countImageProducts(config, image)) / countStepOperations(config));
    const { seconds, explanation } = estimateInpainting({ ...sources, report }, planned);
    expect(explanation).toMatch(/^From the time of a training step\. .* that the doctor measured\.$/);
    // The rest is the thin plate.
    expect((seconds ?? 0) - sampling).toBeGreaterThan(0);
    expect((seconds ?? 0) - sampling).toBeLessThan(2);
    expect(estimateInpainting(sources, planned)).toMatchObject({ seconds: null, range: null });
  });

  it('of a classical method is what it took before, for any image and network', () => {
    const { sources } = openMeasured([5, 2]);
    const time = (method: 'thin-plate' | 'telea', of = image) =>
      estimateInpainting(sources, { method, image: of });
    expect(time('thin-plate').seconds).toBeCloseTo(2, 9);
    const pixels = image.width * image.height;
    const cost = (known: number) => expectClassical('thin plate', { pixels, unknown: (1 - known) * pixels });
    expect(time('thin-plate', { ...image, known: 0.6 }).seconds).toBeCloseTo(
      (2 * cost(0.6)) / cost(image.known),
      9,
    );
    expect(time('telea').explanation).toContain('nothing has been filled in on this machine yet');
    expect(
      estimateInpainting({ db: null, report: null }, { method: 'biharmonic', image }).seconds,
    ).toBeGreaterThan(0);
  });

  it('is answered to the page for the size that is computed', async () => {
    const folder = makeTemporaryFolder();
    const store = openStore(folder);
    const { id: runId } = insertExampleRun(store, 'trained', network);
    insertMeasured(store, runId, [4, 0.001], { width: 32, height: 32, known: 0.2, touched: 1 });
    store.close();
    const { ask } = await openExampleLaboratory({}, folder);
    const settings = { runId, solver: 'euler', steps: 10, samples: 1, known: 0.2, touched: 0.5 } as const;
    const seconds = async (changes: object) =>
      (await ask('inpaint.estimate', { ...settings, width: 640, height: 480, ...changes })).seconds;
    expect(await seconds({ fit: 'fit' })).toBeCloseTo(4, 1);
    expect(await seconds({ fit: 'fit', scale: 2 })).toBeCloseTo(16, 1);
    expect(await seconds({ width: 64, height: 64 })).toBeCloseTo(8, 1);
  });
});

describe('the time of an evaluation', () => {
  /** Ten images: classical methods took 2 s, and a sample in ten evaluations 10 s. */
  function insertEvaluated(store: Store): string {
    const { id } = insertExampleRun(store, 'evaluated', network);
    const rows = [
      exampleRow({ method: 'thin plate', seconds: 1.5 }),
      exampleRow({ method: 'nearest', seconds: 0.5 }),
      exampleRow({ method: 'posterior mean', nfe: 1, samples: 1, seconds: 3 }),
      exampleRow({ method: 'one sample', nfe: 10, samples: 1, seconds: 10, psnr: Infinity }),
    ];
    insertEvaluation(store.db, { protocol: { ...exampleProtocol, images: 10 }, rows, runId: id, step: 1 });
    return id;
  }
  const job = { plans: [plan], samples: 1, images: 10, protocol: { ...exampleProtocol, noiseSeed: 0 } };

  it('is what the network took per image and evaluation before, with the posterior mean and the classical methods', () => {
    const store = openExampleStore();
    insertEvaluated(store);
    const time = (changes: object) =>
      estimateEvaluation({ db: store.db, report: null }, config, { ...job, ...changes });
    expect(time({}).seconds).toBeCloseTo(11 + 2, 9);
    expect(time({}).explanation).toBe('From 1 earlier result by this network on this machine.');
    expect(time({ images: 20 }).seconds).toBeCloseTo(26, 9);
    expect(time({ samples: 4 }).seconds).toBeCloseTo(41 + 2, 9);
    expect(time({ plans: [{ ...plan, symmetries: 8 }, plan] }).seconds).toBeCloseTo(28 + 2, 9);
  });

  it('of several runs is that of all, and comes from a test of the processor for a network that never ran', async () => {
    const folder = makeTemporaryFolder();
    const store = openStore(folder);
    const runId = insertEvaluated(store);
    addCheckpoint(store, runId, 1);
    const { id: other } = insertExampleRun(store, 'other', { ...network, mask: { keepRatio: 0.5 } });
    addCheckpoint(store, other, 1);
    const { id: unlike } = insertExampleRun(store, 'unlike', { field: { kind: 'unet', dim: 16 } });
    addCheckpoint(store, unlike, 1);
    store.close();
    const { ask, expectFailure } = await openExampleLaboratory({}, folder);
    const request = { images: 10, samples: 1, solver: 'euler', steps: 10 } as const;
    const time = (ids: string[]) => ask('training.estimateEvaluation', { ids, ...request });
    expect((await time([runId])).seconds).toBeCloseTo(13, 9);
    expect((await time([runId, other])).seconds).toBeCloseTo(26, 9);
    const { seconds, explanation } = await time([unlike]);
    expect([seconds, explanation]).toEqual([expect.any(Number), expect.stringContaining('a short test')]);
    expect((await expectFailure('training.estimateEvaluation', { ids: ['aaaaaaaa'], ...request })).code).toBe(
      'notFound',
    );
  });
});

describe('the time of a study', () => {
  const size = { height: 32, width: 32 };
  const work = { images: 4, samples: 8, keepRatio: 0.2, earlier: null };

  it('is that of the study before, by the number of evaluations', () => {
    const earlier = { ...exampleStudy(), samples: 8, seconds: 12 };
    const time = estimateStudy({ db: null, report: null }, config, { ...work, earlier });
    // That study had two images.
    expect(time.seconds).toBeCloseTo(24, 9);
    expect(time.explanation).toBe('From 1 earlier result of this run on this machine.');
  });

  it('comes from evaluations by the same network if there was no study', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store, 'evaluated', network);
    const rows = [exampleRow({ method: 'one sample', nfe: 10, samples: 1, seconds: 10 })];
    insertEvaluation(store.db, { protocol: { ...exampleProtocol, images: 10 }, rows, runId: id, step: 1 });
    const time = estimateStudy({ db: store.db, report: null }, config, work);
    const perImage = countStudyEvaluations({ samples: 8, size, hasSensitivity: true });
    expect(time.seconds).toBeCloseTo(4 * perImage * 0.1, 6);
  });

  it('is answered to the page, and refused for a run without a checkpoint', async () => {
    const folder = makeTemporaryFolder();
    const store = openStore(folder);
    const { id } = insertExampleRun(store, 'trained', network);
    addCheckpoint(store, id, 1);
    const { id: empty } = insertExampleRun(store, 'empty', network);
    store.close();
    const { ask, expectFailure } = await openExampleLaboratory({}, folder);
    expect((await ask('study.estimate', { id, images: [3] })).seconds).toBeGreaterThan(0);
    expect((await expectFailure('study.estimate', { id: empty })).code).toBe('conflict');
  });
});

it('times of work that follows on one another add up, and are unknown if one of them is', () => {
  const known = { seconds: 2, range: [1, 3], explanation: 'a' } as const;
  const unknown = { seconds: null, range: null, explanation: 'b' };
  expect(addTimes(known, { ...known, explanation: 'c' })).toEqual({
    seconds: 4,
    range: [2, 6],
    explanation: 'a',
  });
  expect(addTimes(known, unknown).seconds).toBeNull();
  expect(addTimes(unknown, known).seconds).toBeNull();
});
