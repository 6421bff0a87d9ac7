/** What an inpainting consists of, and what each part of it is expected to cost. */

import { countEvaluation } from '../../shared/config/networkSize.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import type { KnownPicture } from '../engine/picture/knownPicture.ts';
import { groupTiles, type TilePower } from '../engine/picture/tileGroups.ts';
import { countEvaluations } from '../engine/solver/countEvaluations.ts';
import { createInpaintProgress, type InpaintProgress, type Stage } from './inpaintProgress.ts';
import type { InpaintJob } from './inpaintProtocol.ts';
import type { ComputeEvent } from './protocol.ts';

/** Milliseconds a pixel, on one core. */
const [plateCost, biharmonicCost, scoreCost] = [0.014, 0.004, 0.001];
/** Multiplications a millisecond, on one core. */
const speed = 2e7;
/** Evaluations that an adaptive solver is expected to need. */
const adaptiveEvaluations = 60;

export function planStages(
  job: InpaintJob,
  of: {
    picture: KnownPicture;
    power: TilePower;
    isEstimated: boolean;
    emit: (event: ComputeEvent) => void;
  },
): InpaintProgress {
  const { config } = job;
  const pixels = of.picture.width * of.picture.height;
  const plan = { ...config.sampler, solver: job.solver, steps: job.steps };
  const evaluations = countEvaluations(config.path, plan) ?? adaptiveEvaluations;
  const estimated = of.isEstimated ? 0 : 1;
  const evaluation = evaluationCost(config, of.picture, of.power);
  const sampling = { name: 'sampling', cost: job.samples * evaluations * evaluation };
  const stages: Stage[] = [
    { name: 'thin plate', cost: estimated * pixels * plateCost },
    { name: 'biharmonic', cost: estimated * pixels * biharmonicCost },
    sampling,
    { name: 'scores', cost: 1 + pixels * scoreCost },
  ];
  return createInpaintProgress(stages, of.emit);
}

/** Milliseconds that one evaluation of all tiles is expected to take. */
function evaluationCost({ field, data }: RunConfig, picture: KnownPicture, power: TilePower): number {
  const groups = groupTiles({ field, data }, picture, power);
  const products = groups.reduce((sum, { tiles, observed }) => {
    const [{ width, height }] = tiles;
    const points = { observed, queries: width * height };
    return sum + tiles.length * countEvaluation(field, points, Math.sqrt(width * height));
  }, 0);
  return products / speed / power.parts;
}
