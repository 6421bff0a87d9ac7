/** Evaluations with known numbers. */

import { type Evaluation, type EvaluationRow, evaluationSchema } from '../../shared/metric.ts';

/** Fields that rows of metric version 1 do not have. */
const missing = {
  psnrInterval: null,
  ssimInterval: null,
  rmseObserved: null,
  spectrumError: null,
  distribution: null,
  solver: null,
  solverSteps: null,
  sampling: null,
  parameters: null,
  imagesSeen: null,
  perImage: null,
};

/** Returns a row with arbitrary numbers, except for `changes`. */
export function exampleRow(changes: Partial<EvaluationRow>): EvaluationRow {
  const psnr = { psnr: 20, exactImages: 0, psnrUnobserved: 19, exactUnobserved: 0 };
  const scores = { ...psnr, ssim: 0.5, ssimGaussian: 0.5, mse: 0.01, mae: 0.05 };
  return { ...missing, method: 'mean', nfe: 0, samples: 0, ...scores, seconds: 1, ...changes };
}

/** An evaluation as metric version 1 stored it. */
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
      method: 'nearest',
      nfe: 0,
      samples: 0,
      seconds: 0.03,
      psnr: 20.386,
      psnrUnobserved: 19.42,
      ssim: 0.7045,
      ssimGaussian: 0.665,
      mse: 0.0114,
      mae: 0.061,
    },
    {
      method: 'thin plate',
      nfe: 0,
      samples: 0,
      seconds: 0.81,
      psnr: 22.794,
      psnrUnobserved: 21.83,
      ssim: 0.7938,
      ssimGaussian: 0.7677,
      mse: 0.0066,
      mae: 0.048,
    },
    {
      method: 'flow · posterior mean (1 NFE)',
      nfe: 1,
      samples: 1,
      seconds: 12.5,
      psnr: 23.23,
      psnrUnobserved: 22.26,
      ssim: 0.79,
      ssimGaussian: 0.77,
      mse: 0.007,
      mae: 0.049,
    },
  ],
});

/** Returns rows with everything that metric version 2 measures, for a classical method, one sample and a mean of eight. */
export function fullRows(images = 20): EvaluationRow[] {
  const wave = (phase: number) =>
    Array.from({ length: images }, (_, image) => 22 + 4 * Math.sin(3 * image + phase));
  const perImage = (gain: number) => ({
    psnr: wave(0).map((value, image) => value + gain * (1 + 0.1 * Math.sin(image))),
    psnrUnobserved: wave(0),
    ssim: wave(0).map((value) => value / 40 + gain / 50),
    mse: wave(1),
    mae: wave(1),
    crps: null,
  });
  const scored = { psnrInterval: [21, 23.5], ssimInterval: [0.781, 0.8] } as const;
  const measured = { ...scored, spectrumError: 1.25 };
  const field = {
    solver: 'heun',
    solverSteps: 10,
    parameters: 123_456,
    imagesSeen: 64_000,
    rmseObserved: 0.02,
  };
  const distribution = {
    crps: 0.0321,
    energyScore: 0.0654,
    coverage50: 0.48,
    coverage80: 0.79,
    coverage90: 0.97,
    spread: 0.05,
    spreadSkill: 0.93,
    diversity: 0.21,
    rankHistogram: [0.4, 0.3, 0.3],
  };
  return [
    exampleRow({ ...measured, method: 'thin plate', rmseObserved: 0, perImage: perImage(0) }),
    exampleRow({
      ...measured,
      ...field,
      method: 'flow · one sample (heun)',
      nfe: 19,
      samples: 1,
      perImage: perImage(-2),
    }),
    exampleRow({
      ...measured,
      ...field,
      method: 'flow · mean of 8 samples',
      nfe: 19,
      samples: 8,
      distribution,
      perImage: perImage(0.5),
    }),
  ];
}
