/** Distribution scores of several samples per image, accumulated image by image, so that samples need not be kept. */

import type { ObservedPixels } from '../../../shared/images/image.ts';
import type { Distribution } from '../../../shared/metric.ts';
import { coverage, rankHistogram, spreadSkill } from './calibration.ts';
import { crps, energyScore } from './crps.ts';
import { ensembleMean, ensembleVariance, sampleDiversity } from './ensemble.ts';
import { meanSquaredError, unobservedPositions, gatherValues } from './pixelErrors.ts';

/** All samples of one RGB image, clamped to [0, 1]; height × width × 3 values each. */
export interface ImageEnsemble {
  readonly height: number;
  readonly width: number;
  readonly truth: Float32Array;
  readonly samples: readonly Float32Array[];
  readonly observed: ObservedPixels;
}

interface ImageScores {
  readonly crps: number;
  readonly energy: number;
  readonly variance: number;
  readonly error: number;
  readonly diversity: number;
  readonly ranks: Float64Array;
}

export interface EnsembleScores {
  /** @throws Error when there are fewer than two samples, or one has another size. */
  add(image: ImageEnsemble): void;
  /** Returns the averages and the CRPS of each image; null when no image had an unobserved value. */
  finish(): { readonly distribution: Distribution; readonly crps: readonly number[] } | null;
}

/** Creates an accumulator in which all images have equal weight, however many values are unobserved; they must have the same number of samples. */
export function createEnsembleScores(): EnsembleScores {
  const images: ImageScores[] = [];
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

function scoreEnsemble(image: ImageEnsemble, positions: Int32Array): ImageScores {
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

function summarise(images: readonly ImageScores[], samples: number): Distribution {
  const average = (read: (image: ImageScores) => number) =>
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
