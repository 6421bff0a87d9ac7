import { describe, expect, it } from 'vitest';
import { evaluateModel } from '../../main/compute/evaluateModel.ts';
import { reconstructImages } from '../../main/compute/reconstructImages.ts';
import type { SamplingData } from '../../main/compute/samplingData.ts';
import { classicalMethodNames } from '../../main/engine/classical/registry.ts';
import { scoreImages } from '../../main/engine/metrics/scoreImages.ts';
import type { ImageBatch } from '../../shared/image.ts';
import { evaluationRowSchema, type Protocol } from '../../shared/metric.ts';
import { expectClose } from '../engine/field/waves.ts';
import { createSmallModel, imageSize, randomPictures } from './smallModel.ts';

const protocol: Protocol = {
  source: 'random',
  datasetChecksum: '0',
  split: 'test',
  images: 3,
  imageSize,
  maskLaw: 'counter',
  maskSeed: 3,
  keepRatio: 0.2,
  observedPixels: 24,
  pasted: true,
  range: [0, 1],
  ssimWindow: 'uniform 7×7',
  ssimGaussianWindow: 'Gaussian σ 1.5, 11×11',
  psnrMean: 'per image, then averaged',
  metricVersion: 1,
};
const { images, observations } = randomPictures(3);
const data: SamplingData = { truth: images, observations, protocol };
const model = createSmallModel();
const plan = { solver: 'heun', steps: 2 } as const;

async function evaluate(samples: number) {
  const phases: string[] = [];
  const results = new Map<string, ImageBatch>();
  const rows = await evaluateModel(model, {
    data,
    plan,
    samples,
    seed: 42,
    onProgress: ({ phase, done, total }) => phases.push(`${phase} ${done}/${total}`),
    onReconstructed: (method, result) => results.set(method, result),
  });
  return { rows, phases, results };
}

const fieldMethods = ['flow · posterior mean', 'flow · one sample (heun)', 'flow · mean of 3 samples'];

describe('evaluateModel', () => {
  it('gives a complete row for every classical method, the mean, one sample and the mean of samples', async () => {
    const { rows, phases, results } = await evaluate(3);
    expect(rows.map(({ method }) => method)).toEqual([...classicalMethodNames, ...fieldMethods]);
    rows.forEach((row) => expect(evaluationRowSchema.parse(row)).toEqual(row));
    // The field predicts data, so the last Heun step is a single evaluation: 3 for two steps.
    expect(rows.slice(-3).map(({ nfe, samples }) => [nfe, samples])).toEqual([
      [1, 1],
      [3, 1],
      [3, 3],
    ]);
    expect([...results.keys()]).toEqual([...classicalMethodNames, ...fieldMethods]);
    expect(phases.at(-1)).toBe('flow · mean of 3 samples 9/9');
  });

  it('scores what it hands over', async () => {
    const { rows, results } = await evaluate(1);
    expect(rows.map(({ method }) => method)).toEqual([...classicalMethodNames, ...fieldMethods.slice(0, 2)]);
    const observed = observations.map(({ indices }) => indices);
    for (const row of rows) {
      const result = results.get(row.method) ?? images;
      const { psnr, ssim, psnrUnobserved, mse } = scoreImages({ truth: images, result, observed });
      expect(row).toMatchObject({ psnr, ssim, psnrUnobserved, mse });
    }
  });

  it('averages the samples pixel by pixel', async () => {
    const { results } = await evaluate(3);
    const mean = results.get('flow · mean of 3 samples')?.values ?? [];
    const samples = await Promise.all(
      [0, 1, 2].map((sample) =>
        reconstructImages(model, { images, observations, plan, seed: 42, sample, paste: true }),
      ),
    );
    const [first, second, third] = samples.map(({ values }) => values);
    expectClose(
      mean,
      first.map((value, index) => (value + second[index] + third[index]) / 3),
      1e-6,
    );
  });
});
