/** How far an inpainting is, over all its stages, each weighing what it is expected to cost. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';
import type { KnownImage } from '../../engine/inpaint/knownImage.ts';
import { groupTiles, type ComputeLimits } from '../../engine/inpaint/planTiles.ts';
import { countEvaluations } from '../../engine/solver/route.ts';
import type { InpaintJob, ComputeEvent } from '../protocol.ts';

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

/** Milliseconds per unknown pixel, on one core. */
const [plateCost, biharmonicCost] = [0.012, 0.008];
/** Milliseconds per pixel, on one core. */
const [teleaCost, scoreCost] = [0.002, 0.001];
/** Multiplications a millisecond, on one core. */
const speed = 2e7;
/** Evaluations that an adaptive solver is expected to need. */
const adaptiveEvaluations = 60;

export function planStages(
  job: InpaintJob,
  of: {
    image: KnownImage;
    power: ComputeLimits;
    /** Estimates that need no computing. */
    estimated: { readonly thinPlate: boolean; readonly compared: boolean };
    emit: (event: ComputeEvent) => void;
  },
): InpaintProgress {
  const { config } = job;
  const pixels = of.image.width * of.image.height;
  const unknown = pixels - of.image.isKnown.reduce((sum, known) => sum + known, 0);
  const evaluations = countEvaluations(config.path, job.plan) ?? adaptiveEvaluations;
  const plated = of.estimated.thinPlate ? 0 : 1;
  const compared = of.estimated.compared ? 0 : 1;
  const evaluation = evaluationCost(config, of.image, of.power);
  const sampling = { name: 'sampling', cost: job.samples * evaluations * evaluation };
  const stages: Stage[] = [
    { name: 'thin plate', cost: plated * unknown * plateCost },
    sampling,
    { name: 'biharmonic', cost: compared * unknown * biharmonicCost },
    { name: 'Telea', cost: compared * pixels * teleaCost },
    { name: 'scores', cost: 1 + pixels * scoreCost },
  ];
  return createInpaintProgress(stages, of.emit);
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
