/**
 * Reconstructs one image from its known pixels: by a classical estimate and samples of the trained field, their mean and
 * spread, or by a classical method alone; then, with the result already shown, the classical methods that it is compared with, and errors.
 */

import { mapInto } from '../../../shared/numbers/mapInto.ts';
import { classicalMethods, type InpaintingScore } from '../../../shared/inpainting.ts';
import { countKnown, valueBit } from '../../../shared/images/mask.ts';
import { cropValues } from '../../../shared/images/crop.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { knownPartOf, type KnownImage, turnImage } from '../../engine/inpaint/knownImage.ts';
import {
  createImageMoments,
  createImageSampler,
  extendForNetwork,
  type ImageSampler,
  type ImageStep,
  type SampledImage,
  type SampleNoise,
} from '../../engine/inpaint/sampleImage.ts';
import { scoreLargeImage } from '../../engine/inpaint/scoreLargeImage.ts';
import type { ComputeLimits } from '../../engine/inpaint/planTiles.ts';
import { countEvaluations } from '../../engine/solver/route.ts';
import { applySymmetry, imageSymmetry, type Symmetry, undoSymmetry } from '../../engine/symmetry.ts';
import { inpaintInput, type InpaintInput } from './inpaintInput.ts';
import { countPasses, type InpaintProgress, planEstimates, planStages } from './inpaintProgress.ts';
import type { ComputeEvent, EstimateJob, ImageJob, InpaintJob, InpaintedImage } from '../protocol.ts';
import type { TrainedModel } from '../modelCheckpoint.ts';
import { type EstimateCache, type EstimateName, estimateNames, type ImageEstimate } from './estimateCache.ts';
import { noiseKey } from '../sampling/sampleNoise.ts';
import { createStateKeeper } from '../sampling/solverStates.ts';

/** What every inpainting needs, whatever fills in the image. */
export interface InpaintTools {
  readonly estimates: EstimateCache;
  readonly emit: (event: ComputeEvent) => void;
  /** Cancelled: the work ends with an AbortError before the next iteration or tile. */
  readonly signal: AbortSignal;
}

export interface NetworkTools extends InpaintTools {
  readonly model: TrainedModel;
  readonly power: ComputeLimits;
}

/** What all parts of an inpainting need. */
interface ImageWork {
  readonly input: InpaintInput;
  readonly image: KnownImage;
  readonly progress: InpaintProgress;
  /** Lets the process receive messages. @throws AbortError if the job was cancelled. */
  readonly receiveMessages: () => Promise<void>;
}

interface NetworkWork extends ImageWork, NetworkTools {
  readonly job: InpaintJob;
}

/**
 * Fills in an image with a trained field. Emits its progress, states of the first sample, of several every sample, and the
 * result before anything that it is only compared with.
 * @throws Error when nothing is known, sizes do not fit or the field fails, AbortError when it is cancelled.
 */
export async function inpaintImage(job: InpaintJob, tools: NetworkTools): Promise<InpaintedImage> {
  return fillIn(job, tools, {
    exactSide: job.config.data.imageSize,
    input: () => inpaintInput(job),
    plan: (image) => planStages(job, { ...tools, image }),
    async fill(work, estimate) {
      const { values } = await estimate(classicalMethods[job.config.path.estimate].scoredAs);
      return sampleImage({ ...tools, ...work, job }, values);
    },
    compared: estimateNames,
  });
}

/** Longest side, in pixels, of images that a classical method without a run estimates like those of 32 × 32 datasets. */
const exactSide = 32;

/** Fills in an image with a classical method, otherwise as `inpaintImage`; the other methods are for comparison. */
export async function inpaintClassically(job: EstimateJob, tools: InpaintTools): Promise<InpaintedImage> {
  const own = classicalMethods[job.method].scoredAs;
  return fillIn(job, tools, {
    exactSide,
    input: () => inpaintInput(job),
    plan: (image) => planEstimates(own, { ...tools, image }),
    async fill({ input }, estimate) {
      const { values, seconds } = await estimate(own);
      const result = fillKnown(values, input);
      return {
        result,
        deviation: null,
        rows: [{ method: 'result', pixels: result, seconds }],
        nfe: 0,
        tiles: 1,
      };
    },
    compared: estimateNames.filter((name) => name !== own),
  });
}

interface Filling {
  readonly exactSide: number;
  input(): InpaintInput;
  plan(image: KnownImage): InpaintProgress;
  fill(work: ImageWork, estimate: (name: EstimateName) => Promise<ImageEstimate>): Promise<FilledResult>;
  /** Estimates with rows of their own among the scores. */
  readonly compared: readonly EstimateName[];
}

async function fillIn(job: ImageJob, tools: InpaintTools, filling: Filling): Promise<InpaintedImage> {
  const startedAt = performance.now();
  const memory = watchMemory();
  const { signal, estimates } = tools;
  const receiveMessages = async () => {
    memory.look();
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  };
  await receiveMessages();
  const input = filling.input();
  const image = knownPartOf(input);
  const progress = filling.plan(image);
  const work: ImageWork = { input, image, progress, receiveMessages };
  const estimate = (name: EstimateName) =>
    estimates.find(name, image, {
      exactSide: filling.exactSide,
      async onProgress(method, fraction) {
        progress.report(method, fraction, method);
        await receiveMessages();
      },
    });
  const filled = await filling.fill(work, estimate);
  const { width, height } = input;
  tools.emit({ type: 'inpaintResult', id: job.id, rows: { width, height, pixels: filled.result } });
  const estimated = new Map<EstimateName, FilledImage>();
  for (const method of estimateNames) {
    const { values, seconds } = await estimate(method);
    estimated.set(method, { method, pixels: fillKnown(values, input), seconds });
  }
  const pick = (method: EstimateName) => estimated.get(method) as FilledImage;
  const scores = await scoreInpainting(job, work, [...filled.rows, ...filling.compared.map(pick)]);
  return {
    ...describe(input, filled),
    classical: {
      'thin-plate': pick('thin plate').pixels,
      'tension-spline': pick('tension spline').pixels,
      biharmonic: pick('biharmonic').pixels,
      telea: pick('Telea').pixels,
    },
    seconds: (performance.now() - startedAt) / 1000,
    peakBytes: memory.peak(),
    scores,
  };
}

function describe({ width, height, pixels, mask }: InpaintInput, filled: FilledResult) {
  const { nfe, tiles, result, deviation } = filled;
  const largestDeviation = deviation && deviation.reduce((largest, value) => Math.max(largest, value), 0);
  return {
    width,
    height,
    mask,
    truth: pixels,
    result,
    nfe,
    tiles,
    largestDeviation,
    observed: countKnown(mask),
    deviation: deviation && toGrey(deviation, largestDeviation ?? 0),
  };
}

/** Errors are null where the truth is not known: it never is between the pixels of an image that was enlarged. */
async function scoreInpainting(
  job: Pick<ImageJob, 'truthIsKnown' | 'scale'>,
  { input, progress, receiveMessages }: ImageWork,
  filled: readonly FilledImage[],
): Promise<InpaintingScore[]> {
  const isTruthKnown = job.truthIsKnown && job.scale === 1;
  const scores: InpaintingScore[] = [];
  for (const { method, pixels, seconds } of filled) {
    progress.report('scores', scores.length / filled.length, `errors of ${method}`);
    const errors = isTruthKnown
      ? await scoreLargeImage({ ...input, truth: input.pixels, result: pixels, beforeBand: receiveMessages })
      : { psnr: null, psnrUnobserved: null, ssim: null };
    scores.push({ method, ...errors, seconds });
  }
  return scores;
}

interface PeakMemory {
  /** Looks at what is held now. */
  look(): void;
  /** Bytes. */
  peak(): number;
}

/**
 * The process's own record reports the peak to the byte where it was raised meanwhile; a lower peak is the highest of the
 * looks.
 */
function watchMemory(): PeakMemory {
  const record = () => process.resourceUsage().maxRSS * 1024;
  const before = record();
  let highest = process.memoryUsage.rss();
  const look = () => void (highest = Math.max(highest, process.memoryUsage.rss()));
  return {
    look,
    peak() {
      look();
      return record() > before ? record() : highest;
    },
  };
}

/** 8-bit RGB of values in [0, 1], clamped; known values are the image's own to the bit. */
function fillKnown(
  values: Float32Array,
  { pixels, mask }: Pick<InpaintInput, 'pixels' | 'mask'>,
): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < bytes.length; index++) {
    const isKnown = valueBit(mask, index) === 1;
    bytes[index] = isKnown ? pixels[index] : Math.round(Math.min(1, Math.max(0, values[index])) * 255);
  }
  return bytes;
}

/** Grey bytes, white for `white` and above; all black where that is 0. */
function toGrey(values: Float32Array, white: number): Uint8Array {
  return mapInto(new Uint8Array(values.length), values, (value) =>
    white === 0 ? 0 : Math.min(255, Math.round((value / white) * 255)),
  );
}

/** An image filled in by one method. */
interface FilledImage {
  readonly method: string;
  /** height × width × 3 bytes. */
  readonly pixels: Uint8Array;
  readonly seconds: number;
}

/** The result of a network or a classical method, and what it took. */
interface FilledResult {
  readonly result: Uint8Array;
  /** height × width standard deviations; null with a single sample. */
  readonly deviation: Float32Array | null;
  /** The result and, with several samples, the first one. */
  readonly rows: readonly FilledImage[];
  readonly nfe: number;
  readonly tiles: number;
}

/** Maximum number of states that are emitted for an image, and for a large one. */
const [mostStates, mostLargeStates] = [24, 8];
const largePixels = 1_000_000;

async function sampleImage(work: NetworkWork, estimate: Float32Array): Promise<FilledResult> {
  const { job } = work;
  const progress = createSamplingProgress(work);
  const { symmetries = 1 } = job;
  if (symmetries > 1) return averageTurns(work, { estimate, progress, symmetries });
  const sampler = createSampler(work, { image: work.image, estimate, progress });
  try {
    const { rows, deviation } = await sampleAll(work, sampler, progress);
    return {
      rows,
      deviation,
      result: rows[0].pixels,
      nfe: Math.round(sampler.evaluations() / job.samples),
      tiles: Math.max(1, sampler.tiles),
    };
  } finally {
    sampler.dispose();
  }
}

function createSampler(
  { job, model, power }: NetworkWork,
  of: { readonly image: KnownImage; readonly estimate: Float32Array; readonly progress: SamplingProgress },
): ImageSampler {
  return createImageSampler(model, {
    image: of.image,
    estimate: of.estimate,
    plan: job.plan,
    limits: power,
    isBounded: job.bounded,
    onProgress: of.progress.onTile,
  });
}

/**
 * Returns the mean of a self-ensemble: the image under its symmetries, each sampled from the same noise turned likewise. The
 * result of the image as it is, which takes a fraction of the time, is emitted first.
 */
async function averageTurns(
  work: NetworkWork,
  by: { readonly estimate: Float32Array; readonly progress: SamplingProgress; readonly symmetries: number },
): Promise<FilledResult> {
  const { job, input, model, emit } = work;
  const { progress } = by;
  const { width, height } = input;
  const startedAt = performance.now();
  const whole = extendForNetwork(model.config, { image: work.image, estimate: by.estimate });
  const noise = noiseOf(job.seed, 0);
  const mean = new Float32Array(width * height * 3);
  let [nfe, tiles] = [0, 1];
  for (let index = 0; index < by.symmetries; index++) {
    progress.begin(index);
    // One after the other: the map of a large image is as large as the image. The first view needs none.
    const symmetry = index === 0 ? null : imageSymmetry(index, whole.image);
    const view = symmetry ? turnSampled(whole, symmetry) : whole;
    const sampler = createSampler(work, { ...view, progress });
    const sampled = await sampler
      .sample(symmetry ? turnNoise(noise, symmetry) : noise)
      .finally(sampler.dispose);
    const straight = symmetry ? undoSymmetry(sampled, symmetry) : sampled;
    const values = cropValues(straight, { ...whole.image, channels: 3 }, { x: 0, y: 0, width, height });
    for (let at = 0; at < mean.length; at++) mean[at] += values[at] / by.symmetries;
    nfe += sampler.evaluations();
    tiles = Math.max(tiles, sampler.tiles);
    if (index > 0) continue;
    emit({ type: 'inpaintResult', id: job.id, rows: { width, height, pixels: fillKnown(values, input) } });
  }
  const result = fillKnown(mean, input);
  const seconds = (performance.now() - startedAt) / 1000;
  return { result, deviation: null, rows: [{ method: 'result', pixels: result, seconds }], nfe, tiles };
}

function turnSampled({ image, estimate }: SampledImage, symmetry: Symmetry): SampledImage {
  return { image: turnImage(image, symmetry), estimate: applySymmetry(estimate, symmetry) };
}

function turnNoise(noise: SampleNoise, symmetry: Symmetry): SampleNoise {
  return {
    start: (count) => applySymmetry(noise.start(count), symmetry),
    draw: (number, count) => applySymmetry(noise.draw(number, count), symmetry),
  };
}

async function sampleAll(
  { job, input, emit }: NetworkWork,
  sampler: ImageSampler,
  progress: SamplingProgress,
) {
  const { width, height } = input;
  const toRows = (values: Float32Array) => ({ width, height, pixels: fillKnown(values, input) });
  const moments = createImageMoments(job.samples > 1 ? width * height * 3 : 0);
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1000;
  let first: FilledImage | null = null;
  for (let sample = 0; sample < job.samples; sample++) {
    const keep = sample === 0 ? numberStates(width * height) : null;
    progress.begin(sample);
    const values = await sampler.sample(noiseOf(job.seed, sample), async (step) => {
      progress.step(step);
      const index = keep?.(step) ?? null;
      if (index === null) return;
      const rows = toRows(await step.values());
      emit({ type: 'inpaintState', id: job.id, index, time: step.time, rows });
    });
    const rows = toRows(values);
    first ??= { method: 'sample 1', pixels: rows.pixels, seconds: secondsSoFar() };
    if (job.samples === 1) return { rows: [{ ...first, method: 'result' }], deviation: null };
    moments.add(withKnown(values, input));
    emit({ type: 'inpaintSample', id: job.id, sample: sample + 1, rows });
  }
  const mean = { method: 'result', pixels: toRows(moments.mean()).pixels, seconds: secondsSoFar() };
  return { rows: [mean, ...(first ? [first] : [])], deviation: moments.deviation() };
}

/** Returns the values with the known ones in place of what was sampled there: these do not deviate. */
function withKnown(values: Float32Array, { pixels, mask }: InpaintInput): Float32Array {
  return values.map((value, index) => (valueBit(mask, index) === 1 ? pixels[index] / 255 : value));
}

/** The noise of the first image's samples of this seed, as everywhere. */
function noiseOf(seed: number, sample: number): SampleNoise {
  const of = { seed, sample, image: 0 };
  return {
    start: (count) => randomNormals(noiseKey(of, { stream: 'sampling', draw: 0 }), count),
    draw: (draw, count) => randomNormals(noiseKey(of, { stream: 'solver', draw }), count),
  };
}

/** Numbers the emitted steps: all if they are few, else evenly spread ones, always including the first and the last. */
function numberStates(pixels: number): (step: ImageStep) => number | null {
  const keep = createStateKeeper(pixels > largePixels ? mostLargeStates : mostStates);
  let kept = 0;
  return (step) => (keep(step) === null ? null : kept++);
}

/** The progress of sampling, as text and as a fraction. */
interface SamplingProgress {
  begin(sample: number): void;
  step(step: ImageStep): void;
  onTile(done: number, total: number): Promise<void>;
}

function createSamplingProgress({ job, progress, receiveMessages }: NetworkWork): SamplingProgress {
  const expected = countEvaluations(job.config.path, job.plan);
  const passes = countPasses(job);
  let [sample, evaluation] = [0, 0];
  let reached: Pick<ImageStep, 'index' | 'count' | 'time'> = { index: 0, count: null, time: 0 };
  return {
    begin(next) {
      sample = next;
      evaluation = -1;
    },
    step: ({ index, count, time }) => void (reached = { index, count, time }),
    async onTile(done, total) {
      if (done === 0) evaluation += 1;
      const fraction = expected === null ? reached.time : (evaluation + done / total) / expected;
      const steps =
        expected === null ? `step ${reached.index + 1}` : `step ${reached.index + 1} of ${job.plan.steps}`;
      const parts = [
        ...(passes > 1 ? [`${job.samples > 1 ? 'sample' : 'view'} ${sample + 1} of ${passes}`] : []),
        steps,
        ...(total > 1 ? [`tile ${done + 1} of ${total}`] : []),
      ];
      progress.report('sampling', (sample + fraction) / passes, parts.join(', '));
      await receiveMessages();
    },
  };
}
