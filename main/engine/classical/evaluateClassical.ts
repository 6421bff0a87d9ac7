/** Evaluates the classical methods for a comparison. */

import { clampColours, type ImageBatch, type SparseObservation } from '../../../shared/images/image.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { createScorer, type Scorer } from '../metrics/scorer.ts';
import { type ClassicalMethodName, classicalMethodNames, reconstructClassically } from './registry.ts';

export interface ClassicalEvaluation {
  readonly truth: ImageBatch;
  /** One per image, in the order of `truth`. */
  readonly observations: readonly SparseObservation[];
  /** Default: one without resources. */
  readonly scorer?: Scorer;
  /** Called after every image; `done` and `total` count images over all methods. */
  readonly onProgress?: (done: number, total: number, method: ClassicalMethodName) => void;
  /** Receives the images that each row was measured on, for figures. */
  readonly onReconstructed?: (method: ClassicalMethodName, result: ImageBatch) => void;
}

/**
 * Reconstructs and scores every image with every classical method, in the order of the registry. `seconds` is the wall time
 * of the reconstruction only.
 * @throws Error when an image has no observation of its size, or a method or a metric refuses it.
 */
export async function evaluateClassical(options: ClassicalEvaluation): Promise<EvaluationRow[]> {
  assertObserved(options.truth, options.observations);
  const scorer = options.scorer ?? (await createScorer());
  const rows: EvaluationRow[] = [];
  for (const [position, method] of classicalMethodNames.entries()) {
    rows.push(await evaluateMethod(method, position, { ...options, scorer }));
  }
  return rows;
}

function assertObserved(truth: ImageBatch, observations: readonly SparseObservation[]): void {
  const expected = `${truth.height}×${truth.width}`;
  const other = observations.find(({ height, width }) => `${height}×${width}` !== expected);
  if (observations.length !== truth.count || other) {
    const found = other ? `one of ${other.height}×${other.width}` : `${observations.length}`;
    throw new Error(
      `Found ${found} among the observations of ${truth.count} images of ${expected}: ` +
        'expected one observation of that size per image.',
    );
  }
}

async function evaluateMethod(
  method: ClassicalMethodName,
  position: number,
  {
    truth,
    observations,
    scorer,
    onProgress,
    onReconstructed,
  }: ClassicalEvaluation & { readonly scorer: Scorer },
): Promise<EvaluationRow> {
  const values = new Float32Array(truth.values.length);
  const total = truth.count * classicalMethodNames.length;
  let milliseconds = 0;
  observations.forEach((observation, index) => {
    const startedAt = performance.now();
    const image = reconstructClassically(method, observation);
    milliseconds += performance.now() - startedAt;
    values.set(clampColours(image), index * image.length);
    onProgress?.(position * truth.count + index + 1, total, method);
  });
  const result = { ...truth, values };
  onReconstructed?.(method, result);
  return {
    method,
    nfe: 0,
    samples: 0,
    seconds: milliseconds / 1000,
    ...(await scorer.scoreRow({ truth, result, observed: observations })),
    rmseObserved: await scorer.scoreObserved(truth, result, observations),
    distribution: null,
    solver: null,
    solverSteps: null,
    sampling: null,
    parameters: null,
    imagesSeen: null,
  };
}
