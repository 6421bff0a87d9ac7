/** One picture from its known pixels: classical estimates, samples of the trained field, their mean and spread, their errors. */

import { type KnownPicture, knownPartOf } from '../engine/picture/knownPicture.ts';
import type { TilePower } from '../engine/picture/tileGroups.ts';
import { inpaintInput, type InpaintInput } from './inpaintInput.ts';
import type { InpaintJob, PictureInpainting } from './inpaintProtocol.ts';
import { planStages } from './inpaintStages.ts';
import type { TrainedModel } from './modelCheckpoint.ts';
import { watchMemory } from './peakMemory.ts';
import type { EstimateMemory } from './pictureEstimates.ts';
import { fillKnown, toGrey } from './pictureBytes.ts';
import type { ComputeEvent } from './protocol.ts';
import { scoreInpainting } from './inpaintScores.ts';
import { type SampledPicture, samplePictures } from './samplePictures.ts';

export interface InpaintTools {
  readonly model: TrainedModel;
  readonly power: TilePower;
  readonly estimates: EstimateMemory;
  readonly emit: (event: ComputeEvent) => void;
  /** Cancelled: the work ends with an AbortError before the next window or tile. */
  readonly signal: AbortSignal;
}

/** What the parts of an inpainting share. */
export interface InpaintWork extends InpaintTools {
  readonly job: InpaintJob;
  readonly input: InpaintInput;
  readonly picture: KnownPicture;
  readonly progress: ReturnType<typeof planStages>;
  /** Lets messages in. @throws AbortError when the job was cancelled meanwhile. */
  readonly turn: () => Promise<void>;
}

/**
 * Emits its progress, states of the first sample and, of several, every sample.
 * @throws Error when nothing is known, sizes do not fit or the field fails, AbortError when it is cancelled.
 */
export async function inpaintPicture(job: InpaintJob, tools: InpaintTools): Promise<PictureInpainting> {
  const startedAt = performance.now();
  const memory = watchMemory();
  const { signal, estimates } = tools;
  const turn = async () => {
    memory.look();
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  };
  await turn();
  const input = inpaintInput(job);
  const picture = knownPartOf(input);
  const progress = planStages(job, { ...tools, picture, isEstimated: estimates.has(picture) });
  const work: InpaintWork = { ...tools, job, input, picture, progress, turn };
  const { thinPlate, biharmonic } = await estimates.estimatesOf(picture, {
    exactSide: job.config.data.imageSize,
    async turn(method, done, total) {
      progress.report(method, done / total, `${method}, window ${done + 1} of ${total}`);
      await turn();
    },
  });
  const sampled = await samplePictures(work, thinPlate.values);
  const classical = [
    { method: 'thin plate', pixels: fillKnown(thinPlate.values, input), seconds: thinPlate.seconds },
    { method: 'biharmonic', pixels: fillKnown(biharmonic.values, input), seconds: biharmonic.seconds },
  ];
  const scores = await scoreInpainting(work, [...sampled.rows, ...classical]);
  return {
    ...describe(input, sampled),
    thinPlate: classical[0].pixels,
    biharmonic: classical[1].pixels,
    seconds: (performance.now() - startedAt) / 1000,
    peakBytes: memory.peak(),
    scores,
  };
}

function describe({ width, height, pixels, mask }: InpaintInput, sampled: SampledPicture) {
  const { nfe, tiles, result, deviation } = sampled;
  const largestDeviation = deviation && deviation.reduce((largest, value) => Math.max(largest, value), 0);
  return {
    ...{ width, height, mask, truth: pixels, result, nfe, tiles, largestDeviation },
    observed: mask.reduce((sum, known) => sum + known, 0),
    deviation: deviation && toGrey(deviation, largestDeviation ?? 0),
  };
}
