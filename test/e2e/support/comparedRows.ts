/** Rows of evaluations that are compared; without anything of the test runner, so that measurements can use them. */

import type { EvaluationRow } from '../../../shared/metric.ts';
import { exampleRow } from '../../reports/exampleEvaluation.ts';
import { noiseAt } from './curves.ts';

/** Images that every row was measured on. */
export const comparedImages = 100;

/** Returns rows of classical methods, equal for every run, and of a field that gains `gain` dB on them. */
export function createComparedRows(gain: number): EvaluationRow[] {
  const field = { solver: 'heun', parameters: 123_456, imagesSeen: 64_000, rmseObserved: 0.02 } as const;
  const posterior = { ...field, method: 'flow · posterior mean (1 NFE)', nfe: 1, samples: 1, solverSteps: 1 };
  const steps = [2, 5, 10].map((solverSteps) => [
    createScoredRow(gain - 2 + solverSteps / 10, {
      ...field,
      method: `flow · one sample (heun)`,
      nfe: 2 * solverSteps - 1,
      samples: 1,
      solverSteps,
      seconds: solverSteps / 4,
    }),
    createScoredRow(gain - 0.2 + solverSteps / 10, {
      ...field,
      method: 'flow · mean of 8 samples',
      nfe: 2 * solverSteps - 1,
      samples: 8,
      solverSteps,
      seconds: 2 * solverSteps,
      distribution: createDistribution(gain),
    }),
  ]);
  return [
    createScoredRow(-1, { method: 'nearest', seconds: 0.1 }),
    createScoredRow(0, { method: 'thin plate', seconds: 0.8 }),
    createScoredRow(gain, { ...posterior, seconds: 0.4 }),
    ...steps.flat(),
  ];
}

function createScoredRow(gain: number, changes: Partial<EvaluationRow>): EvaluationRow {
  const numbers = Array.from({ length: comparedImages }, (_, image) => image);
  const psnr = numbers.map(
    (image) => 20 + 6 * noiseAt(image, 1) + gain + (gain === 0 ? 0 : 3 * (noiseAt(image, 10 + gain) - 0.5)),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / comparedImages;
  const mse = psnr.map((value) => 10 ** (-value / 10));
  const ssim = psnr.map((value) => value / 30);
  return exampleRow({
    psnr: mean(psnr),
    psnrUnobserved: mean(psnr) - 1,
    ssim: mean(ssim),
    ssimGaussian: mean(ssim) - 0.02,
    mse: mean(mse),
    mae: mean(mse.map(Math.sqrt)) / 2,
    spectrumError: 1.2 - gain / 10,
    psnrInterval: [mean(psnr) - 0.4, mean(psnr) + 0.4],
    ssimInterval: [mean(ssim) - 0.01, mean(ssim) + 0.01],
    perImage: {
      psnr,
      psnrUnobserved: psnr.map((value) => value - 1),
      ssim,
      mse,
      mae: mse.map((value) => Math.sqrt(value) / 2),
      crps: null,
    },
    ...changes,
  });
}

function createDistribution(gain: number): NonNullable<EvaluationRow['distribution']> {
  return {
    crps: 0.05 - gain / 100,
    energyScore: 0.09 - gain / 100,
    spread: 0.05,
    diversity: 0.21,
    coverage50: 0.4 + gain / 20,
    coverage80: 0.7 + gain / 20,
    coverage90: 0.82 + gain / 20,
    spreadSkill: 0.8 + gain / 10,
    rankHistogram: [0.2, 0.1, 0.08, 0.07, 0.08, 0.09, 0.1, 0.12, 0.16],
  };
}
