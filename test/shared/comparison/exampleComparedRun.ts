/** Runs as returned by `compare.get`, with known evaluation results. */

import type { ComparedEvaluation, ComparedRun } from '../../../shared/comparison/comparison.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import type { EvaluationRow, PerImage, Protocol } from '../../../shared/metric.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';
import { exampleRunSummary } from '../exampleRun.ts';

export const exampleProtocol: Protocol = { ...exampleEvaluation.protocol, images: 4, metricVersion: 2 };

/** Returns the scores of images with the given PSNR; all other scores are functions of it. */
export function examplePerImage(psnr: readonly number[]): PerImage {
  const scaled = (factor: number) => psnr.map((value) => value * factor);
  return {
    psnr: [...psnr],
    psnrUnobserved: psnr.map((value) => value - 1),
    ssim: scaled(0.03),
    mse: psnr.map((value) => 10 ** (-value / 10)),
    mae: scaled(-0.01).map((value) => 1 + value),
    crps: null,
  };
}

/** Returns the row of a method whose PSNR for four images is `gain` dB above 20, 21, 22 and 23. */
export function exampleFieldRow(method: string, gain: number, changes: Partial<EvaluationRow> = {}) {
  const perImage = examplePerImage([20, 21, 22, 23].map((value) => value + gain));
  const field = { nfe: 1, samples: 1, solver: 'ddim', solverSteps: 1, parameters: 1000, imagesSeen: 64 };
  return exampleRow({ ...field, method, psnr: 21.5 + gain, perImage, ...changes });
}

export function exampleComparedEvaluation(
  rows: readonly EvaluationRow[],
  changes: Partial<ComparedEvaluation> = {},
): ComparedEvaluation {
  const record = { id: 1, step: 100, createdAt: '2026-11-23T20:00:00.000Z', imageSheets: null };
  const thinPlate = exampleRow({
    method: 'thin plate',
    psnr: 21.5,
    psnrInterval: [20, 23],
    perImage: examplePerImage([20, 21, 22, 23]),
  });
  return { ...record, protocol: exampleProtocol, rows: [thinPlate, ...rows], ...changes };
}

export function exampleComparedRun(
  name: string,
  evaluations: readonly ComparedEvaluation[],
  {
    config = {},
    ...changes
  }: Partial<Omit<ComparedRun['summary'], 'id'>> & { config?: RunConfigInput; id?: string } = {},
): ComparedRun {
  return {
    summary: exampleRunSummary({ id: name.slice(0, 8).padEnd(8, 'a'), name, field: 'unet', ...changes }),
    config: runConfigSchema.parse({ preset: 'tiny', ...config }),
    dataset: null,
    evaluations,
    checkpoints: [],
  };
}
