/** An evaluation as the tests of this room print it. */

import { type Evaluation, type EvaluationRow, evaluationSchema } from '../../shared/metric.ts';

/** What rows of metric version 1 lack. */
export const missing = {
  psnrInterval: null,
  ssimInterval: null,
  rmseObserved: null,
  spectrumError: null,
  distribution: null,
  solver: null,
  solverSteps: null,
  parameters: null,
  imagesSeen: null,
  perImage: null,
};

/** A row whose numbers do not matter but for `changes`. */
export function exampleRow(changes: Partial<EvaluationRow>): EvaluationRow {
  const scores = { psnr: 20, ssim: 0.5, ssimGaussian: 0.5, psnrUnobserved: 19, mse: 0.01, mae: 0.05 };
  return { ...missing, method: 'mean', nfe: 0, samples: 0, ...scores, seconds: 1, ...changes };
}

/** As it was stored by metric version 1. */
export const exampleEvaluation: Evaluation = evaluationSchema.parse({
  protocol: {
    source: 'cifar10',
    datasetChecksum: '0123456789abcdef0123456789abcdef',
    split: 'test',
    images: 100,
    imageSize: 32,
    maskLaw: 'numpy',
    maskSeed: 42,
    keepRatio: 0.2,
    observedPixels: 204,
    pasted: true,
    range: [0, 1],
    ssimWindow: 'uniform 7×7',
    ssimGaussianWindow: 'Gaussian σ 1.5, 11×11',
    psnrMean: 'per image, then averaged',
    metricVersion: 1,
  },
  rows: [
    {
      ...{ method: 'nearest', nfe: 0, samples: 0, seconds: 0.03 },
      ...{ psnr: 20.386, psnrUnobserved: 19.42, ssim: 0.7045, ssimGaussian: 0.665, mse: 0.0114, mae: 0.061 },
    },
    {
      ...{ method: 'thin plate', nfe: 0, samples: 0, seconds: 0.81 },
      ...{ psnr: 22.794, psnrUnobserved: 21.83, ssim: 0.7938, ssimGaussian: 0.7677, mse: 0.0066, mae: 0.048 },
    },
    {
      ...{ method: 'flow · posterior mean (1 NFE)', nfe: 1, samples: 1, seconds: 12.5 },
      ...{ psnr: 23.23, psnrUnobserved: 22.26, ssim: 0.79, ssimGaussian: 0.77, mse: 0.007, mae: 0.049 },
    },
  ],
});
