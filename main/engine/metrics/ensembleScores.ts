/** Distribution scores of several samples an image, image by image, so that samples need not be kept. */

import type { Distribution } from '../../../shared/metric.ts';
import { coverage } from './coverage.ts';
import { crps } from './crps.ts';
import { energyScore } from './energyScore.ts';
import { ensembleMean, ensembleVariance } from './ensemble.ts';
import { meanSquaredError } from './meanSquaredError.ts';
import { gatherValues } from './observedError.ts';
import { unobservedPositions } from './observedPixels.ts';
import { rankHistogram } from './rankHistogram.ts';
import { sampleDiversity } from './sampleDiversity.ts';
import { spreadSkill } from './spreadSkill.ts';

/** All samples of one RGB image, clamped to [0, 1]. */
export interface ImageEnsemble {
  readonly height: number;
  readonly width: number;
  readonly truth: Float32Array;
  readonly samples: readonly Float32Array[];
  readonly observed: Int32Array;
}

interface ImageNumbers {
  readonly crps: number;
  readonly energy: number;
  readonly variance: number;
  readonly error: number;
  readonly diversity: number;
  readonly ranks: Float64Array;
}

export interface EnsembleScores {
  /** @throws Error for fewer than two samples, or one of another size. */
  add(image: ImageEnsemble): void;
  /** null when no image had an unobserved pixel. `crps`: of each image. */
  finish(): { readonly distribution: Distribution; readonly crps: readonly number[] } | null;
}

/** Every image counts alike; all must have the same number of samples and of unobserved pixels. */
export function createEnsembleScores(): EnsembleScores {
  const images: ImageNumbers[] = [];
  let samples = 0;
  return {
    add(image) {
      samples = image.samples.length;
      const positions = unobservedPositions(image.observed, image.truth.length);
      if (positions.length > 0) images.push(scoreEnsemble(image, positions));
    },
    finish: () =>
      images.length === 0
        ? null
        : { distribution: summarise(images, samples), crps: images.map((image) => image.crps) },
  };
}

function scoreEnsemble(image: ImageEnsemble, positions: Int32Array): ImageNumbers {
  const truth = gatherValues(image.truth, positions);
  const samples = image.samples.map((sample) => gatherValues(sample, positions));
  return {
    crps: crps(truth, samples),
    energy: energyScore(truth, samples),
    variance: ensembleVariance(samples),
    error: meanSquaredError(truth, ensembleMean(samples)),
    diversity: sampleDiversity(image.samples, image),
    ranks: rankHistogram(truth, samples),
  };
}

function summarise(images: readonly ImageNumbers[], samples: number): Distribution {
  const average = (read: (image: ImageNumbers) => number) =>
    images.reduce((sum, image) => sum + read(image), 0) / images.length;
  const variance = average((image) => image.variance);
  const ranks = Array.from({ length: samples + 1 }, (_, rank) => average((image) => image.ranks[rank]));
  return {
    crps: average((image) => image.crps),
    energyScore: average((image) => image.energy),
    coverage50: coverage(ranks, 0.5),
    coverage80: coverage(ranks, 0.8),
    coverage90: coverage(ranks, 0.9),
    spread: Math.sqrt(variance),
    spreadSkill: spreadSkill({ variance, error: average((image) => image.error), samples }),
    diversity: average((image) => image.diversity),
    rankHistogram: ranks,
  };
}
