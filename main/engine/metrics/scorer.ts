/** The one place where reconstructions are scored: while training, in evaluations, and for the classical methods. */

import type { ImageBatch, ObservedPixels } from '../../../shared/images/image.ts';
import type { RunFunction } from '../runFunction.ts';
import { createEnsembleScores, type EnsembleScores, type ImageEnsemble } from './ensembleScores.ts';
import {
  type BatchScores,
  type RowScores,
  scoreImages,
  scoreObserved,
  type ScoreOptions,
  scoreRow,
} from './scoreImages.ts';

/** What metrics may need besides the images. */
export interface ScorerResources {
  /** Runs the networks of metrics with weights of their own; the current metrics have none. */
  readonly run?: RunFunction;
}

/** Every method is asynchronous, so that a metric may load weights or run a network. */
export interface Scorer {
  /** Metrics that are monitored while training. @throws as `scoreImages`. */
  scoreBatch(options: ScoreOptions): Promise<BatchScores>;
  /** All image metrics of an evaluation row. @throws as `scoreImages`. */
  scoreRow(options: ScoreOptions): Promise<RowScores>;
  /** Root mean squared error of the observed values of `result`, before any are pasted. */
  scoreObserved(truth: ImageBatch, result: ImageBatch, observed: readonly ObservedPixels[]): Promise<number>;
  /** Starts the ensemble metrics of a row. */
  startEnsemble(): EnsembleScorer;
}

export interface EnsembleScorer {
  /** @throws Error for fewer than two samples, or samples of different sizes. */
  add(image: ImageEnsemble): Promise<void>;
  /** Resolves to null if no image had an unobserved value. */
  finish(): Promise<ReturnType<EnsembleScores['finish']>>;
}

export async function createScorer(_resources: ScorerResources = {}): Promise<Scorer> {
  return {
    scoreBatch: async (options) => scoreImages(options),
    scoreRow: async (options) => scoreRow(options),
    scoreObserved: async (truth, result, observed) => scoreObserved(truth, result, observed),
    startEnsemble() {
      const scores = createEnsembleScores();
      return {
        add: async (image) => scores.add(image),
        finish: async () => scores.finish(),
      };
    },
  };
}
