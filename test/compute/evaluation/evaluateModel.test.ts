import { describe, expect, it } from 'vitest';
import { evaluateModel } from '../../../main/compute/evaluation/evaluateModel.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import type { SamplingData } from '../../../main/compute/evaluation/samplingData.ts';
import { classicalMethodNames } from '../../../main/engine/classical/registry.ts';
import { countParameters } from '../../../main/engine/field/parameters.ts';
import { createEnsembleScores } from '../../../main/engine/metrics/ensembleScores.ts';
import { scoreImages, scoreObserved } from '../../../main/engine/metrics/scoreImages.ts';
import { imageAt, type ImageBatch } from '../../../shared/images/image.ts';
import { evaluationRowSchema, type Protocol } from '../../../shared/metric.ts';
import { expectClose } from '../../engine/field/waves.ts';
import { createSmallModel, imageSize, createRandomImages } from '../smallModel.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

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
  noiseSeed: 42,
  metricVersion: 2,
};
const { images, observations, indices } = createRandomImages(3);
const data: SamplingData = { truth: images, observations, indices, protocol };
const model = createSmallModel();
const plan = { solver: 'heun', steps: 2 } as const;

async function evaluate(samples: number, plans: readonly SamplingPlan[] = [plan]) {
  const phases: string[] = [];
  const fractions: number[] = [];
  const results = new Map<string, ImageBatch>();
  const rows = await evaluateModel(model, {
    data,
    plans,
    samples,
    seed: 42,
    onProgress({ phase, done, total, fraction }) {
      phases.push(`${phase} ${done}/${total}`);
      fractions.push(fraction ?? NaN);
    },
    onReconstructed: (method, result) => results.set(method, result),
  });
  return { rows, phases, fractions, results };
}

const fieldMethods = ['flow · posterior mean', 'flow · one sample (heun)', 'flow · mean of 3 samples'];

describe('evaluateModel', () => {
  it('returns a complete row for every classical method, the posterior mean, one sample and the mean of samples', async () => {
    const { rows, phases, fractions, results } = await evaluate(3);
    // One bar: it rises over all methods, and reaches its end once.
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other));
    expect(fractions.filter((fraction) => fraction > 1 - 1e-9)).toHaveLength(1);
    expect(fractions.at(-1)).toBeCloseTo(1, 12);
    expect(rows.map(({ method }) => method)).toEqual([...classicalMethodNames, ...fieldMethods]);
    rows.forEach((row) => expect(evaluationRowSchema.parse(row)).toEqual(row));
    // The field predicts data, so the last Heun step is a single evaluation: 3 for two steps.
    expect(rows.slice(-3).map(({ nfe, samples }) => [nfe, samples])).toEqual([
      [1, 1],
      [3, 1],
      [3, 3],
    ]);
    expect([...results.keys()]).toEqual([...classicalMethodNames, ...fieldMethods]);
    // A sample is named as soon as it begins, and counts as soon as it is there.
    const sampled = phases.filter((phase) => phase.startsWith('flow · mean of 3 samples'));
    expect(sampled.map((phase) => phase.split(' ').at(-1))).toEqual(['0/9', '3/9', '6/9', '9/9']);
    expect(phases.at(-1)).toBe(sampled.at(-1));
  });

  it('scores the images that it passes on', async () => {
    const { rows, results } = await evaluate(1);
    expect(rows.map(({ method }) => method)).toEqual([...classicalMethodNames, ...fieldMethods.slice(0, 2)]);
    for (const row of rows) {
      const result = results.get(row.method) ?? images;
      const { psnr, ssim, psnrUnobserved, mse } = scoreImages({
        truth: images,
        result,
        observed: observations,
      });
      expect(row).toMatchObject({ psnr, ssim, psnrUnobserved, mse });
    }
  });

  it('averages the samples pixel by pixel', async () => {
    const { results } = await evaluate(3);
    const mean = results.get('flow · mean of 3 samples')?.values ?? [];
    const samples = await Promise.all(
      [0, 1, 2].map((sample) =>
        reconstructImages(model, { images, observations, indices, plan, seed: 42, sample, paste: true }),
      ),
    );
    const [first, second, third] = samples.map(({ values }) => values);
    expectClose(
      mean,
      first.map((value, index) => (value + second[index] + third[index]) / 3),
      1e-6,
    );
  });

  it('reports the cost of every row and how it was sampled', async () => {
    const rows = (await evaluate(2)).rows.slice(-3);
    // The small model is at step 7 of batches of `batchSize`; it is not trained further.
    const imagesSeen = 7 * model.config.train.batchSize;
    rows.forEach((row) =>
      expect(row).toMatchObject({ imagesSeen, parameters: countParameters(model.field) }),
    );
    expect(rows.map(({ solver, solverSteps }) => [solver, solverSteps])).toEqual([
      ['ddim', 1],
      ['heun', 2],
      ['heun', 2],
    ]);
    expect(rows[2].seconds).toBeGreaterThan(rows[1].seconds);
  });

  it('self-ensembles only the posterior mean, counts every symmetry as an evaluation and names them in the row', async () => {
    const rowNames = async (symmetries: number) => {
      const rows = await evaluateModel(model, {
        data,
        samples: 2,
        seed: 42,
        symmetries,
        onProgress: () => undefined,
        plans: [plan],
      });
      return rows.slice(-3).map(({ method, nfe }) => [method, nfe]);
    };
    expect(await rowNames(2)).toEqual([
      ['flow · posterior mean (mirrored)', 2],
      ['flow · one sample (heun)', 3],
      ['flow · mean of 2 samples', 3],
    ]);
    expect(await rowNames(8)).toEqual([
      ['flow · posterior mean (mirrored and turned)', 8],
      ['flow · one sample (heun)', 3],
      ['flow · mean of 2 samples', 3],
    ]);
    expect(await rowNames(1)).toEqual(
      (await evaluate(2)).rows.slice(-3).map(({ method, nfe }) => [method, nfe]),
    );
  });

  it('scores the distribution only for several samples, image by image', async () => {
    const { rows } = await evaluate(3);
    const [mean] = rows.slice(-1);
    expect(rows.slice(0, -1).every(({ distribution }) => distribution === null)).toBe(true);
    expect(mean.distribution?.rankHistogram).toHaveLength(4);
    const perImage = mean.perImage?.crps ?? [];
    expect(perImage).toHaveLength(3);
    expect(mean.distribution?.crps).toBeCloseTo((perImage[0] + perImage[1] + perImage[2]) / 3, 5);
  });

  it('returns the ensemble metrics of the samples themselves', async () => {
    const scores = createEnsembleScores();
    const batches = await Promise.all(
      [0, 1].map((sample) =>
        reconstructImages(model, { images, observations, indices, plan, seed: 42, sample, paste: true }),
      ),
    );
    observations.forEach((observed, index) =>
      scores.add({
        ...imageAt(images, index),
        truth: imageAt(images, index).values,
        samples: batches.map((batch) => imageAt(batch, index).values),
        observed,
      }),
    );
    const { rows } = await evaluate(2);
    expect(rows.at(-1)?.distribution).toEqual(scores.finish()?.distribution);
  });

  it('measures the error at observed pixels before it pastes them', async () => {
    const { rows } = await evaluate(2);
    const raw = await reconstructImages(model, {
      images,
      observations,
      indices,
      plan,
      seed: 42,
      sample: 0,
      paste: false,
    });
    expect(rows.find(({ method }) => method.includes('one sample'))?.rmseObserved).toBeCloseTo(
      scoreObserved(images, raw, observations),
      6,
    );
    expect(rows.find(({ method }) => method === 'thin plate')?.rmseObserved).toBe(0);
  });

  it('returns the rows of every plan, distinguished by solver and steps', async () => {
    const { rows } = await evaluate(2, [plan, { solver: 'euler', steps: 3 }]);
    expect(rows.slice(-4).map(({ method, nfe }) => [method, nfe])).toEqual([
      ['flow · one sample (heun 2)', 3],
      ['flow · mean of 2 samples (heun 2)', 3],
      ['flow · one sample (euler 3)', 3],
      ['flow · mean of 2 samples (euler 3)', 3],
    ]);
  });

  it('takes known results of the classical methods as they are and computes none of them', async () => {
    const { rows: own } = await evaluate(1);
    const knownClassical = own.slice(0, classicalMethodNames.length).map((row) => ({ ...row, seconds: 123 }));
    const fractions: number[] = [];
    const reconstructed: string[] = [];
    const rows = await evaluateModel(model, {
      data,
      knownClassical,
      plans: [plan],
      samples: 1,
      seed: 42,
      onProgress: ({ fraction }) => fractions.push(fraction ?? NaN),
      onReconstructed: (method) => reconstructed.push(method),
    });
    expect(rows.slice(0, -2)).toEqual(knownClassical);
    expect(reconstructed).toEqual(fieldMethods.slice(0, 2));
    expect(rows.slice(-2).map(({ psnr }) => psnr)).toEqual(own.slice(-2).map(({ psnr }) => psnr));
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other));
    // The posterior mean begins and ends, then the sample of three evaluations.
    expect(fractions).toEqual([0, 1 / 4, 1 / 4, 1].map((fraction) => expect.closeTo(fraction, 12)));
  });

  it('passes the rows of every sampling setting but the last as soon as they are known', async () => {
    const passed: number[] = [];
    const rows = await evaluateModel(model, {
      data,
      plans: [plan, { ...plan, steps: plan.steps + 1 }],
      samples: 1,
      seed: 42,
      knownClassical: [],
      onProgress: () => undefined,
      onPlan: (known) => passed.push(known.length),
    });
    expect([passed, rows.length]).toEqual([[2], 3]);
  });

  it('stops between two samples if it is cancelled', async () => {
    const options = { data, plans: [plan], samples: 2, seed: 42, onProgress: () => undefined };
    await expect(evaluateModel(model, { ...options, isCancelled: () => true })).rejects.toThrow('cancelled');
  });
});
