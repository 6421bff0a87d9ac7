import { describe, expect, it } from 'vitest';
import { evaluateModel } from '../../../main/compute/evaluation/evaluateModel.ts';
import { studyModel } from '../../../main/compute/study/studyJob.ts';
import { distanceBetween } from '../../../main/engine/study/trajectory.ts';
import { imageAt, markObserved } from '../../../shared/images/image.ts';
import type { Protocol } from '../../../shared/metric.ts';
import { studyQueries, studySchema } from '../../../shared/study.ts';
import { tf } from '../../support/backend.ts';
import { createRandomImages, createSmallModel, imageSize } from '../smallModel.ts';

const protocol: Protocol = {
  source: 'random',
  datasetChecksum: '0',
  split: 'test',
  images: 2,
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
const { images: truth, observations, indices } = createRandomImages(2);
const data = { truth, observations, indices, protocol };
const rough = createSmallModel();
/** The flow of the untrained network is smoothed, so that solvers converge in a few steps. */
const model = {
  ...rough,
  parameters: Object.fromEntries(
    Object.entries(rough.parameters).map(([name, tensor]) => [
      name,
      /\.output(_proj)?\./.test(name) ? tf.mul(tensor, 0.2) : tensor,
    ]),
  ),
};
const effort = { samples: 2, seed: 42, steps: 8, budgets: [1, 2, 4, 8] } as const;
const pixels = imageSize ** 2;

describe('the study of a model', () => {
  it('has the PSNR of an evaluation with the same solver, steps and noise, and errors that fall with the steps', async () => {
    const fractions: number[] = [];
    const study = await studyModel(model, {
      data,
      ...effort,
      onProgress: ({ fraction }) => fractions.push(fraction ?? NaN),
    });
    const rows = await evaluateModel(model, {
      data,
      plans: [
        { solver: 'heun', steps: 2, grid: 'uniform' },
        { solver: 'euler', steps: 4, grid: 'uniform' },
      ],
      samples: 1,
      seed: 42,
      onProgress: () => undefined,
      knownClassical: [],
    });
    for (const [solver, steps] of [
      ['heun', 2],
      ['euler', 4],
    ] as const) {
      const row = rows.find((one) => one.solver === solver && one.solverSteps === steps);
      const point = study.solvers.find((one) => one.solver === solver && one.steps === steps);
      expect(point?.psnr).toBeCloseTo(row?.psnr ?? NaN, 6);
      expect(point?.nfe).toBe(row?.nfe);
    }
    const euler = study.solvers.filter(({ solver }) => solver === 'euler').map(({ error }) => error);
    expect(euler.length).toBe(4);
    expect(euler.at(-1)).toBeLessThan(euler[0]);
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other));
    expect(fractions.at(-1)).toBeGreaterThan(0.6);

    const described = { format: 2, createdAt: '2026-01-01T00:00:00.000Z', ...study };
    const plain = { ...described, images: study.images.map(({ arrays: _, ...image }) => image) };
    expect(studySchema.parse(plain)).toEqual(plain);

    const [, second] = study.images;
    const { arrays } = second;
    const last = study.times.length - 1;
    const hidden = markObserved(observations[1], pixels).map((mark) => 1 - mark);
    const end = arrays.states.subarray(last * pixels * 3, (last + 1) * pixels * 3);
    expect(second.stateDistance[last]).toBeCloseTo(
      distanceBetween(Float32Array.from(end), imageAt(truth, 1).values, hidden),
      6,
    );
    expect(second.dataDistance[last]).toBe(second.stateDistance[last]);
    expect(arrays.spread).toHaveLength(study.times.length * pixels);
    expect(arrays.queries).toEqual(studyQueries(truth));
    expect(study.sensitivityTimes).toEqual([0, 0.5]);
    expect(arrays.sensitivity).toHaveLength(2 * pixels * 24);
    expect(Math.max(...arrays.sensitivity)).toBeGreaterThan(1e-3);
    expect(study.attentionTimes).toEqual([0, 0.5]);
    expect(arrays.attention).toHaveLength(2 * pixels * 24);
    const ofLastQuery = arrays.attention.subarray(-24);
    expect(ofLastQuery.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
  });

  it('ends with an AbortError soon after it is cancelled', async () => {
    let reports = 0;
    const study = studyModel(model, {
      data,
      ...effort,
      onProgress: () => (reports += 1),
      isCancelled: () => reports >= 2,
    });
    await expect(study).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(reports).toBe(2);
  });
});
