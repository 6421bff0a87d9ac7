import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { loadState } from '../../../main/compute/modelCheckpoint.ts';
import type { ComputeEvent, SamplingJob, TrainJob } from '../../../main/compute/protocol.ts';
import { evaluateJob, reconstructJob } from '../../../main/compute/evaluation/samplingJobs.ts';
import { openTrainingData } from '../../../main/compute/training/trainingData.ts';
import { StorageError, trainRun } from '../../../main/compute/training/trainRun.ts';
import { evaluateClassical } from '../../../main/engine/classical/evaluateClassical.ts';
import { referenceMethods } from '../../../shared/comparison/trainingReferences.ts';
import { classicalMethodNames } from '../../../main/engine/classical/registry.ts';
import type { LoopControl } from '../../../main/engine/train/loop.ts';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import type { DatasetInfo } from '../../../shared/dataset.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../../store/temporaryFolder.ts';
import { backend } from '../../support/backend.ts';

/** Four steps; evaluation and checkpoint every two, preview every four. */
const config = runConfigSchema.parse({
  ...trainings.upgraded,
  data: { imageSize: 11, validationImages: 8 },
  train: {
    batchSize: 4,
    steps: 4,
    evaluationImages: 5,
    evaluateEverySteps: 2,
    previewEverySteps: 4,
    checkpointEverySteps: 2,
  },
  sampler: { steps: 2 },
});

interface TrainOptions {
  readonly folder?: string;
  readonly checkpoint?: string;
  readonly config?: RunConfig;
  readonly known?: DatasetInfo;
  readonly acceptChangedData?: boolean;
  readonly references?: TrainJob['references'];
  readonly onEvent?: (event: ComputeEvent, control: LoopControl) => void;
}

/** Trains a run and returns its events except the progress of opening the data. */
async function train(options: TrainOptions = {}) {
  const folder = options.folder ?? makeTemporaryFolder();
  const events: ComputeEvent[] = [];
  const control: LoopControl = { requested: null };
  const job = {
    config: options.config ?? config,
    folder,
    checkpoint: options.checkpoint ?? null,
    cacheFolder: sharedCacheFolder,
    known: options.known ?? null,
    acceptChangedData: options.acceptChangedData ?? false,
    references: options.references,
  };
  await trainRun(job, control, (event) => {
    if (event.type !== 'progress') events.push(event);
    options.onEvent?.(event, control);
  });
  return { folder, events };
}

let plainRun: ReturnType<typeof train> | null = null;
const plainFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
afterAll(() => rmSync(plainFolder, { recursive: true, force: true }));

/** Returns the events and the folder of an uninterrupted run with `config`, which several tests only read. */
function trainPlainly(): ReturnType<typeof train> {
  return (plainRun ??= train({ folder: plainFolder }));
}

/** Writes six training photographs of noise, and a test photograph. */
async function paintPhotographs(): Promise<string> {
  const folder = makeTemporaryFolder();
  const raw = { width: 40, height: 30, channels: 3 } as const;
  for (const name of ['train/a', 'train/b', 'train/c', 'train/d', 'train/e', 'train/f', 'test/g']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const bytes = createHash('sha512').update(name).digest();
    await sharp(Buffer.alloc(40 * 30 * 3, bytes), { raw }).toFile(join(folder, `${name}.png`));
  }
  return folder;
}

/** Lists types and steps of events, except reports of the execution mode, whose time depends on the backend. */
const listEvents = (events: readonly ComputeEvent[]) =>
  events
    .filter(({ type }) => type !== 'execution')
    .map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type));

const ofType = <Type extends ComputeEvent['type']>(events: readonly ComputeEvent[], type: Type) =>
  events.filter((event): event is Extract<ComputeEvent, { type: Type }> => event.type === type);

describe('a training run', () => {
  it('reports in order its start, every step, evaluations, previews, checkpoints and its end', async () => {
    const { events, folder } = await trainPlainly();
    expect(listEvents(events)).toEqual([
      'started 0',
      'preview 0',
      'step 1',
      'step 2',
      'evaluation 2',
      'references',
      'checkpoint 2',
      'step 3',
      'step 4',
      'evaluation 4',
      'preview 4',
      'checkpoint 4',
      'ended 4',
    ]);
    const [started] = ofType(events, 'started');
    expect(started).toMatchObject({ totalSteps: 4, stepsPerEpoch: 998, dataset: { count: 4000 } });
    // Its path counts in colours.
    expect(started).not.toHaveProperty('measured');
    const [preview] = ofType(events, 'preview');
    expect([preview.rows.height, preview.rows.width]).toEqual([4 * 11, 3 * 11]);
    expect(ofType(events, 'ended')).toEqual([{ type: 'ended', end: 'finished', step: 4 }]);
    ofType(events, 'checkpoint').forEach(({ file }) => expect(existsSync(join(folder, file))).toBe(true));
  });

  it('scores the classical methods on its own evaluation images once, unless another run has done so', async () => {
    const { events } = await trainPlainly();
    const [{ scores }] = ofType(events, 'references');
    const cacheFolder = makeTemporaryFolder();
    const { scored, info } = await openTrainingData(config, { cacheFolder, onProgress: () => undefined });
    const rows = await evaluateClassical({ truth: scored.images, observations: scored.observations });
    for (const method of referenceMethods) {
      const row = rows.find((each) => each.method === method);
      const { psnr, ssim, mse, mae } = row ?? {};
      expect(scores[method]).toEqual({ psnr, ssim, mse, mae });
    }
    const known = { ...scores, linear: { ...scores.linear, psnr: 1 } };
    const again = await train({ references: { other: scores, [info.checksum]: known } });
    expect(ofType(again.events, 'references')).toEqual([{ type: 'references', scores: known }]);
  });

  it('shows as many images in a preview as requested, at most those that it scores', async () => {
    const countShown = async (previewImages: number) => {
      const settings = { ...config.train, steps: 1, evaluateEverySteps: 0, previewImages };
      const { events } = await train({ config: { ...config, train: settings } });
      return ofType(events, 'preview').map(({ rows }) => rows.height / 11);
    };
    expect(await countShown(2)).toEqual([2, 2]);
    expect(await countShown(16)).toEqual([5, 5]);
  });

  it('pastes nothing into its previews if the observed values are noisy', async () => {
    /** Fraction of the observed values that the result has too, to the bit. */
    const pasted = async (observationNoise: number) => {
      // Without a residual: the output of a new residual network is the thin plate, which copies the values.
      const settings = runConfigSchema.parse({
        ...trainings.notebook,
        mask: { ...trainings.notebook.mask, observationNoise },
        data: { imageSize: 11 },
        train: { batchSize: 4, steps: 1 },
        sampler: { steps: 2 },
      });
      const { events } = await train({ config: settings });
      const [{ rows }] = ofType(events, 'preview');
      const columns = Array.from({ length: rows.height * 11 }, (_, at) => {
        const start = (Math.floor(at / 11) * 33 + (at % 11)) * 3;
        return [0, 11, 22].map((x) => rows.pixels.subarray(start + 3 * x, start + 3 * x + 3).join());
      });
      const observed = columns.filter(([, known]) => known !== '128,128,128');
      expect(observed.length).toBe(4 * 24);
      const noisy = observed.filter(([truth, known]) => truth !== known).length;
      // Black and white pixels may stay what they are.
      if (observationNoise > 0) expect(noisy / observed.length).toBeGreaterThan(0.9);
      else expect(noisy).toBe(0);
      return observed.filter(([, known, result]) => known === result).length / observed.length;
    };
    expect(await pasted(0)).toBe(1);
    expect(await pasted(0.2)).toBeLessThan(0.2);
  });

  it('reports once, before its first step, how training steps run: compiled on native TensorFlow', async () => {
    const { events } = await trainPlainly();
    const firstStep = events.findIndex(({ type }) => type === 'step');
    const reports = ofType(events, 'execution');
    expect(ofType(events.slice(0, firstStep), 'execution')).toEqual(reports);
    const isNative = backend.kind === 'tensorflow';
    const reason = isNative ? null : 'graphs need native TensorFlow';
    expect(reports).toEqual([
      { type: 'execution', what: 'training step', kind: isNative ? 'compiled' : 'eager', reason },
    ]);
  });

  it('marks the checkpoint of its best evaluation, and stores loss and score in it', async () => {
    const everyStep = { ...config.train, checkpointEverySteps: 1 };
    const { events, folder } = await train({ config: { ...config, train: everyStep } });
    const [first, second] = ofType(events, 'evaluation').map(({ scores }) => scores.psnr);
    const saved = ofType(events, 'checkpoint');
    expect(saved.map(({ isBest }) => isBest)).toEqual([false, true, false, second > first]);
    expect(saved.map(({ bestPsnr }) => bestPsnr)).toEqual([null, first, first, Math.max(first, second)]);
    const { progress } = loadState(join(folder, saved[3].file));
    expect(progress).toMatchObject({ step: 4, best: { psnr: Math.max(first, second), nearlyExact: 0 } });
    expect(progress.loss).toBe(ofType(events, 'step')[3].loss);
  });

  it('resumes from a checkpoint and reaches the state and scores of an uninterrupted run', async () => {
    const whole = await trainPlainly();
    const pauseAtTwo = (event: ComputeEvent, control: LoopControl) => {
      if (event.type === 'step' && event.step === 2) control.requested = 'pause';
    };
    const paused = await train({ onEvent: pauseAtTwo });
    expect(paused.events.at(-1)).toEqual({ type: 'ended', end: 'paused', step: 2 });
    const resumed = await train({ checkpoint: join(paused.folder, 'ckpt-2.safetensors') });
    expect(listEvents(resumed.events).slice(0, 2)).toEqual(['started 2', 'step 3']);
    const state = (folder: string) => loadState(join(folder, 'ckpt-4.safetensors'));
    expect(state(resumed.folder).arrays).toEqual(state(whole.folder).arrays);
    const last = (events: readonly ComputeEvent[]) => ofType(events, 'evaluation').at(-1);
    expect(last(resumed.events)?.scores.psnr).toBe(last(whole.events)?.scores.psnr);
    const before = loadState(join(paused.folder, 'ckpt-2.safetensors')).progress.processSeconds;
    expect(state(resumed.folder).progress.processSeconds).toBeGreaterThan(before);
  });

  it('is scored where it pauses, and resumes from there to the same state as without that', async () => {
    const whole = await trainPlainly();
    const paused = await train({
      onEvent: (event, control) => {
        if (event.type !== 'step' || event.step !== 3) return;
        control.requested = 'pause';
        control.scoresAtEnd = true;
      },
    });
    const atTheEnd = listEvents(paused.events).filter((event) => event.endsWith(' 3'));
    expect(atTheEnd.slice(0, 3)).toEqual(['step 3', 'checkpoint 3', 'evaluation 3']);
    expect(atTheEnd.slice(-2)).toEqual(['preview 3', 'ended 3']);
    const checkpoint = join(paused.folder, 'ckpt-3.safetensors');
    const { best } = loadState(checkpoint).progress;
    expect(best?.psnr).toBe(
      Math.max(...ofType(paused.events, 'evaluation').map(({ scores }) => scores.psnr)),
    );
    const resumed = await train({ checkpoint });
    const state = (folder: string) => loadState(join(folder, 'ckpt-4.safetensors')).arrays;
    expect(state(resumed.folder)).toEqual(state(whole.folder));
    const scores = (events: readonly ComputeEvent[]) => ofType(events, 'evaluation').at(-1)?.scores;
    expect(scores(resumed.events)).toEqual(scores(whole.events));
  });

  it('ends its evaluation of the last step when a hasty request arrives', async () => {
    const { events } = await train({
      config: { ...config, train: { ...config.train, evaluateEverySteps: 500 } },
      onEvent: (event, control) => {
        if (event.type === 'progress' && event.phase === 'evaluating the last step')
          control.requested = 'pause';
      },
    });
    expect(listEvents(events).slice(-3)).toEqual(['preview 4', 'checkpoint 4', 'ended 4']);
    expect(ofType(events, 'ended')[0].end).toBe('finished');
  });

  it('ends with a score and images, however long its intervals are', async () => {
    const rare = { evaluateEverySteps: 500, previewEverySteps: 500, checkpointEverySteps: 500 };
    const { events } = await train({ config: { ...config, train: { ...config.train, ...rare } } });
    expect(listEvents(events).slice(-6)).toEqual([
      'checkpoint 4',
      'evaluation 4',
      'references',
      'checkpoint 4',
      'preview 4',
      'ended 4',
    ]);
    expect(ofType(events, 'checkpoint').map(({ isBest }) => isBest)).toEqual([false, true]);
  });

  it('on random crops of photographs resumes to the same state', async () => {
    const photographs = await paintPhotographs();
    const cropped = runConfigSchema.parse({
      ...trainings.upgraded,
      data: { ...config.data, source: `folder:${photographs}`, crops: true, cropScaleMin: 0.5 },
      train: config.train,
    });
    const whole = await train({ config: cropped });
    const paused = await train({
      config: cropped,
      onEvent: (event, control) => {
        if (event.type === 'step' && event.step === 2) control.requested = 'pause';
      },
    });
    await train({
      config: cropped,
      folder: paused.folder,
      checkpoint: join(paused.folder, 'ckpt-2.safetensors'),
    });
    const state = (folder: string) => loadState(join(folder, 'ckpt-4.safetensors')).arrays;
    expect(state(paused.folder)).toEqual(state(whole.folder));
    expect(ofType(whole.events, 'started')[0]).toMatchObject({ dataset: { count: 6 } });
  });

  it('measures the unit of its path at the start, stores it, and resumes with it to the same state', async () => {
    const path = { ...config.path, startNoise: 1, unit: 'residual' } as const;
    const scaled = { ...config, path };
    const whole = await train({ config: scaled });
    const [{ measured }] = ofType(whole.events, 'started');
    expect(measured?.images).toBe(256);
    expect(measured?.residual).toBeGreaterThan(0.01);
    const state = (folder: string) => loadState(join(folder, 'ckpt-4.safetensors'));
    expect(state(whole.folder).config.path).toEqual({ ...path, measured });
    // Resumed on other images, whose residual differs: the checkpoint's unit counts.
    const checkpoint = join(whole.folder, 'ckpt-2.safetensors');
    const other = { ...scaled, data: { ...scaled.data, source: 'synthetic:7' } };
    const moved = await train({ config: other, checkpoint });
    expect(ofType(moved.events, 'started')[0].measured).toEqual(measured);
    const resumed = await train({ config: scaled, checkpoint });
    expect(state(resumed.folder).arrays).toEqual(state(whole.folder).arrays);
  });

  it('warns at its second evaluation if it cannot learn', async () => {
    const optim = { ...config.optim, learningRate: 1e-12 };
    const { events } = await train({ config: { ...config, optim } });
    const [first, second] = ofType(events, 'evaluation');
    expect(first).not.toHaveProperty('warning');
    expect(second.warning).toContain('The network’s output is zero: after 4 steps');
  });

  it('begins near the score of the thin plate with a residual field', async () => {
    const first = { ...config.train, steps: 1, evaluateEverySteps: 1, evaluate: 'posterior mean' } as const;
    const { events } = await train({ config: { ...config, train: first } });
    const { scored } = await openTrainingData(config, {
      cacheFolder: sharedCacheFolder,
      onProgress: () => undefined,
    });
    const classical = await evaluateClassical({ truth: scored.images, observations: scored.observations });
    const thinPlate = classical.find(({ method }) => method === 'thin plate');
    const difference = (thinPlate?.psnr ?? Infinity) - ofType(events, 'evaluation')[0].scores.psnr;
    expect(Math.abs(difference)).toBeLessThan(0.1);
  });

  it('reports a checkpoint that cannot be written as a storage error', async () => {
    const removeFolder = (folder: string) => (event: ComputeEvent) => {
      if (event.type === 'evaluation') rmSync(folder, { recursive: true });
    };
    const folder = makeTemporaryFolder();
    const refused = train({ folder, onEvent: removeFolder(folder) });
    await expect(refused).rejects.toThrow(StorageError);
    await expect(refused).rejects.toThrow('The checkpoint of step 2 could not be saved');
  });

  it('refuses a checkpoint of another network, with the name of a tensor that differs', async () => {
    const { folder } = await trainPlainly();
    const other = { ...config, field: { ...config.field, latents: 4 } };
    const refused = train({ checkpoint: join(folder, 'ckpt-4.safetensors'), config: other });
    await expect(refused).rejects.toThrow('"param/perceiver.latents" has shape [3, 8], expected [4, 8]');
  });
});

describe('sampling jobs', () => {
  const createSamplingJob = (folder: string): SamplingJob => ({
    checkpoint: join(folder, 'ckpt-4.safetensors'),
    cacheFolder: sharedCacheFolder,
    protocol: {
      source: 'synthetic',
      split: 'test',
      imageSize: config.data.imageSize,
      maskLaw: 'counter',
      maskSeed: 9,
      keepRatio: 0.2,
      pasted: true,
      noiseSeed: 1,
    },
    plans: [{ solver: 'euler', steps: 2 }],
    samples: 2,
  });

  it('evaluate a run, reconstruct images with it, and stop on request', async () => {
    const { folder } = await trainPlainly();
    const events: ComputeEvent[] = [];
    const emit = (event: ComputeEvent) => events.push(event);
    const job = createSamplingJob(folder);
    await evaluateJob({ ...job, images: 3 }, { requested: null }, emit);
    await reconstructJob({ ...job, indices: [1, 2] }, { requested: null }, emit);
    const [{ evaluation }] = ofType(events, 'evaluated');
    expect(evaluation.rows).toHaveLength(classicalMethodNames.length + 3);
    expect(evaluation.protocol).toMatchObject({ source: 'synthetic', images: 3, maskSeed: 9 });
    const [{ reconstruction }] = ofType(events, 'reconstructed');
    expect(reconstruction.methods).toHaveLength(classicalMethodNames.length + 3);
    reconstruction.methods.forEach(({ values, psnr }) => {
      expect([values.length, psnr.length]).toEqual([2 * 121 * 3, 2]);
    });
    expect(reconstruction.observations.map(({ indices }) => indices.length)).toEqual([24, 24]);
    expect(ofType(events, 'progress').length).toBeGreaterThan(10);
    const stopped = evaluateJob({ ...job, images: 3 }, { requested: 'stop' }, emit);
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});
