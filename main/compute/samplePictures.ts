/** All samples of an inpainting, one after the other: only their mean and their spread are kept. */

import type { SamplingPlan } from '../engine/solver/sampleField.ts';
import { countEvaluations } from '../engine/solver/countEvaluations.ts';
import { createPictureMoments } from '../engine/picture/pictureMoments.ts';
import {
  createPictureSampler,
  type PictureSampler,
  type PictureStep,
  type SampleNoise,
} from '../engine/picture/samplePicture.ts';
import { randomNormals } from '../../shared/numbers/random.ts';
import type { InpaintWork } from './inpaintPicture.ts';
import { fillKnown } from './pictureBytes.ts';
import { noiseKey } from './sampleNoise.ts';
import { createStateKeeper } from './stateKeeper.ts';

/** A picture filled in one way. */
export interface FilledPicture {
  readonly method: string;
  /** height × width × 3 bytes. */
  readonly pixels: Uint8Array;
  readonly seconds: number;
}

export interface SampledPicture {
  readonly result: Uint8Array;
  /** height × width standard deviations; null with a single sample. */
  readonly deviation: Float32Array | null;
  /** The result, and the first sample where there are several. */
  readonly rows: readonly FilledPicture[];
  readonly nfe: number;
  readonly tiles: number;
}

/** States that are told of a picture, and of a large one. */
const [mostStates, mostLargeStates] = [24, 8];
const largePixels = 1_000_000;

export async function samplePictures(work: InpaintWork, estimate: Float32Array): Promise<SampledPicture> {
  const { job, model, picture, power } = work;
  const plan: SamplingPlan = { ...job.config.sampler, solver: job.solver, steps: job.steps };
  const course = createCourse(work, plan);
  const sampler = createPictureSampler(model, { picture, estimate, plan, power, turn: course.turn });
  try {
    const { rows, deviation } = await sampleAll(work, sampler, course);
    return {
      ...{ rows, deviation, result: rows[0].pixels },
      nfe: Math.round(sampler.evaluations() / job.samples),
      tiles: Math.max(1, sampler.tiles),
    };
  } finally {
    sampler.dispose();
  }
}

async function sampleAll({ job, input, emit }: InpaintWork, sampler: PictureSampler, course: Course) {
  const { width, height } = input;
  const tell = (values: Float32Array) => ({ width, height, pixels: fillKnown(values, input) });
  const moments = createPictureMoments(job.samples > 1 ? width * height * 3 : 0);
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1000;
  let first: FilledPicture | null = null;
  for (let sample = 0; sample < job.samples; sample++) {
    const keep = sample === 0 ? numberStates(width * height) : null;
    course.begin(sample);
    const values = await sampler.sample(noiseOf(job.seed, sample), (step) => {
      course.step(step);
      const index = keep?.(step) ?? null;
      if (index !== null)
        emit({ type: 'inpaintState', id: job.id, index, time: step.time, rows: tell(step.values()) });
    });
    const rows = tell(values);
    first ??= { method: 'sample 1', pixels: rows.pixels, seconds: secondsSoFar() };
    if (job.samples === 1) return { rows: [{ ...first, method: 'result' }], deviation: null };
    moments.add(values);
    emit({ type: 'inpaintSample', id: job.id, sample: sample + 1, rows });
  }
  const mean = { method: 'result', pixels: tell(moments.mean()).pixels, seconds: secondsSoFar() };
  const deviation = moments.deviation().map((value, pixel) => (input.mask[pixel] === 1 ? 0 : value));
  return { rows: [mean, ...(first ? [first] : [])], deviation };
}

/** The noise of the first image's samples of this seed, as everywhere. */
function noiseOf(seed: number, sample: number): SampleNoise {
  const of = { seed, sample, image: 0 };
  return {
    start: (count) => randomNormals(noiseKey(of, { stream: 'sampling', draw: 0 }), count),
    draw: (draw, count) => randomNormals(noiseKey(of, { stream: 'solver', draw }), count),
  };
}

/** Numbers the steps that are told: all where they are few, else evenly over the way, always the first and the last. */
function numberStates(pixels: number): (step: PictureStep) => number | null {
  const keep = createStateKeeper(pixels > largePixels ? mostLargeStates : mostStates);
  let kept = 0;
  return (step) => (keep(step) === null ? null : kept++);
}

/** Where the sampling stands, in words and as a share. */
interface Course {
  begin(sample: number): void;
  step(step: PictureStep): void;
  turn(done: number, total: number): Promise<void>;
}

function createCourse({ job, progress, turn }: InpaintWork, plan: SamplingPlan): Course {
  const expected = countEvaluations(job.config.path, plan);
  let [sample, evaluation] = [0, 0];
  let reached: Pick<PictureStep, 'index' | 'count' | 'time'> = { index: 0, count: null, time: 0 };
  return {
    begin(next) {
      sample = next;
      evaluation = -1;
    },
    step: ({ index, count, time }) => void (reached = { index, count, time }),
    async turn(done, total) {
      if (done === 0) evaluation += 1;
      const share = expected === null ? reached.time : (evaluation + done / total) / expected;
      const steps =
        expected === null ? `step ${reached.index + 1}` : `step ${reached.index + 1} of ${job.steps}`;
      const words = [
        ...(job.samples > 1 ? [`sample ${sample + 1} of ${job.samples}`] : []),
        steps,
        ...(total > 1 ? [`tile ${done + 1} of ${total}`] : []),
      ];
      progress.report('sampling', (sample + share) / job.samples, words.join(', '));
      await turn();
    },
  };
}
