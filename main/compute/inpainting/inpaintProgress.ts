/** How far an inpainting is, over all its stages, each weighing what it is expected to cost. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { expectClassical } from '../../../shared/config/inpaintingCost.ts';
import { classicalMethods } from '../../../shared/inpainting.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';
import { countKnown } from '../../../shared/images/mask.ts';
import type { KnownImage } from '../../engine/inpaint/knownImage.ts';
import { groupTiles, type ComputeLimits } from '../../engine/inpaint/planTiles.ts';
import { expectEvaluations } from '../../engine/solver/route.ts';
import type { InpaintJob, ComputeEvent } from '../protocol.ts';
import { type EstimateCache, type EstimateName, estimateNames } from './estimateCache.ts';

export interface Stage {
  readonly name: string;
  /** Expected milliseconds; only their proportions count. */
  readonly cost: number;
}

export interface InpaintProgress {
  /** Reports the completed fraction of a stage, with a description. Progress never decreases. */
  report(stage: string, fraction: number, phase: string): void;
}

/** Milliseconds between two messages. */
const pace = 100;

function createInpaintProgress(
  stages: readonly Stage[],
  emit: (event: ComputeEvent) => void,
): InpaintProgress {
  const total = stages.reduce((sum, { cost }) => sum + cost, 0);
  let most = 0;
  let lastStage = '';
  let emittedAt = -Infinity;
  return {
    report(name, fraction, phase) {
      const index = stages.findIndex((stage) => stage.name === name);
      const before = stages.slice(0, index).reduce((sum, { cost }) => sum + cost, 0);
      most = Math.max(most, before + Math.min(1, fraction) * stages[index].cost);
      if (name === lastStage && performance.now() - emittedAt < pace) return;
      lastStage = name;
      emittedAt = performance.now();
      emit({ type: 'progress', phase, done: Math.round(most), total: Math.round(total) });
    },
  };
}

/** Milliseconds per pixel, on one core. */
const scoreCost = 0.001;
/** Multiplications a millisecond, on one core. */
const speed = 2e7;

/** An image to fill in, and the estimates of it that are there already. */
export interface PlannedImage {
  readonly image: KnownImage;
  readonly estimates: Pick<EstimateCache, 'has'>;
  readonly emit: (event: ComputeEvent) => void;
}

/** Plans the stages of an image that the classical method `own` fills in: first that one, then those it is compared with. */
export function planEstimates(own: EstimateName, of: PlannedImage): InpaintProgress {
  return createInpaintProgress(estimateStages(own, of), of.emit);
}

/** Plans the stages of an image that a network fills in. */
export function planStages(
  job: InpaintJob,
  of: PlannedImage & { readonly power: ComputeLimits },
): InpaintProgress {
  const { config, plan } = job;
  const evaluations = expectEvaluations(config.path, plan);
  const evaluation = evaluationCost(config, of.image, of.power);
  const [estimate, ...others] = estimateStages(classicalMethods[config.path.estimate].scoredAs, of);
  const sampling = { name: 'sampling', cost: countPasses(job) * evaluations * evaluation };
  return createInpaintProgress([estimate, sampling, ...others], of.emit);
}

/** Returns how often the image is sampled: once for each sample or each symmetry. */
export function countPasses({ samples, symmetries = 1 }: Pick<InpaintJob, 'samples' | 'symmetries'>): number {
  return samples * symmetries;
}

/** Returns the stages without sampling; `own` is the first of them. */
function estimateStages(own: EstimateName, { image, estimates }: PlannedImage): Stage[] {
  const { channels } = image;
  const pixels = image.width * image.height;
  const unknown = pixels - countKnown(image) / channels;
  const stage = (name: EstimateName, cost: number) => ({
    name,
    cost: estimates.has(image, name) ? 0 : cost,
  });
  const expected = (name: EstimateName) => stage(name, expectClassical(name, { pixels, unknown, channels }));
  return [
    expected(own),
    ...estimateNames.filter((name) => name !== own).map(expected),
    { name: 'scores', cost: 1 + pixels * scoreCost },
  ];
}

/** Milliseconds that one evaluation of all tiles is expected to take. */
function evaluationCost({ field, data }: RunConfig, image: KnownImage, power: ComputeLimits): number {
  const groups = groupTiles({ field, data }, image, power);
  const products = groups.reduce((sum, { tiles, observed }) => {
    const [{ width, height }] = tiles;
    const points = { observed, queries: width * height };
    return sum + tiles.length * countEvaluation(field, points, Math.sqrt(width * height));
  }, 0);
  return products / speed / power.parts;
}
