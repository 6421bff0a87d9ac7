/** A trained field beside the classical methods: the rows of a comparison and, where wanted, the images behind them. */

import type { ImageBatch } from '../../shared/image.ts';
import { methodOf } from '../../shared/method.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { evaluateClassical } from '../engine/classical/evaluateClassical.ts';
import { type ImageScores, scoreImages } from '../engine/metrics/scoreImages.ts';
import type { SamplingPlan } from '../engine/solver/sampleField.ts';
import { rememberEstimates } from './classicalEstimates.ts';
import type { TrainedModel } from './modelCheckpoint.ts';
import { reconstructImages } from './reconstructImages.ts';
import type { SamplingData } from './samplingData.ts';

export interface EvaluateOptions {
  readonly data: SamplingData;
  readonly plan: SamplingPlan;
  readonly samples: number;
  readonly seed: number;
  readonly onProgress: (progress: { phase: string; done: number; total: number }) => void;
  readonly isCancelled?: () => boolean;
  /** Receives the images of every row. */
  readonly onReconstructed?: (method: string, result: ImageBatch) => void;
}

/** One step from the start to the data expected there: the field's estimate of the posterior mean. */
export const meanPlan: SamplingPlan = { solver: 'ddim', steps: 1, grid: 'uniform', eta: 0 };

/** Classical rows, then posterior mean (1 NFE), one sample, and the mean of N samples where N > 1. */
export async function evaluateModel(model: TrainedModel, options: EvaluateOptions): Promise<EvaluationRow[]> {
  const { data, plan, samples } = options;
  const rows = evaluateClassical({
    ...data,
    onProgress: (done, total, method) => options.onProgress({ phase: method, done, total }),
    onReconstructed: options.onReconstructed,
  });
  const name = methodOf(model.config.path);
  const planned = [
    { method: `${name} · posterior mean`, plan: meanPlan, samples: 1 },
    { method: `${name} · one sample (${plan.solver})`, plan, samples: 1 },
    ...(samples > 1 ? [{ method: `${name} · mean of ${samples} samples`, plan, samples }] : []),
  ];
  for (const row of planned) rows.push(await evaluateRow(model, row, options));
  return rows;
}

async function evaluateRow(
  model: TrainedModel,
  row: { method: string; plan: SamplingPlan; samples: number },
  options: EvaluateOptions,
): Promise<EvaluationRow> {
  const { truth, observations, protocol } = options.data;
  const startedAt = performance.now();
  const mean = new Float32Array(truth.values.length);
  // Of this row alone, so that its seconds are those of the method by itself.
  const estimateOf = rememberEstimates();
  let evaluations = 0;
  for (let sample = 0; sample < row.samples; sample++) {
    const result = await reconstructImages(model, {
      images: truth,
      observations,
      plan: row.plan,
      seed: options.seed,
      sample,
      paste: protocol.pasted,
      estimateOf,
      isCancelled: options.isCancelled,
      onEvaluations: (count, images) => (evaluations += count * images),
      onProgress: (done, total) =>
        options.onProgress({ phase: row.method, done: sample * total + done, total: row.samples * total }),
    });
    result.values.forEach((value, index) => (mean[index] += value / row.samples));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const result = { ...truth, values: mean };
  options.onReconstructed?.(row.method, result);
  // An adaptive solver takes more steps with some images than with others.
  const nfe = Math.round(evaluations / (row.samples * truth.count));
  return { method: row.method, nfe, samples: row.samples, ...averages(options.data, result), seconds };
}

function averages({ truth, observations }: SamplingData, result: ImageBatch): ImageScores {
  const { psnr, ssim, ssimGaussian, psnrUnobserved, mse, mae } = scoreImages({
    truth,
    result,
    observed: observations.map((observation) => observation.indices),
  });
  return { psnr, ssim, ssimGaussian, psnrUnobserved, mse, mae };
}
