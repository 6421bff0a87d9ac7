import { describe, expect, it } from 'vitest';
import { evaluateClassical } from '../../../main/engine/classical/evaluateClassical.ts';
import { classicalMethodNames } from '../../../main/engine/classical/registry.ts';
import { imageAt, type ImageBatch, observe } from '../../../shared/images/image.ts';
import { evaluationRowSchema } from '../../../shared/metric.ts';
import { randomPermutation } from '../../../shared/numbers/random.ts';

const side = 16;
/** Two smooth images with curvature, so that smoother methods come closer. */
const values = Float32Array.from({ length: 2 * side * side * 3 }, (_, index) => {
  const pixel = Math.floor(index / 3);
  const [x, y] = [pixel % side, Math.floor(pixel / side)];
  return 0.5 + 0.2 * Math.sin(0.5 * x + (index % 3)) + 0.2 * Math.cos(0.4 * y);
});
const truth: ImageBatch = { count: 2, height: side, width: side, values };
const observations = [0, 1].map((image) =>
  observe(
    imageAt(truth, image),
    randomPermutation({ seed: 1, stream: 'mask', step: image }, side * side).slice(0, 60),
  ),
);

describe('evaluateClassical', () => {
  it('returns one valid row a method, the better methods with the better scores on a smooth image', async () => {
    const rows = await evaluateClassical({ truth, observations });
    expect(rows.map(({ method }) => method)).toEqual([...classicalMethodNames]);
    rows.forEach((row) => {
      expect(evaluationRowSchema.parse(row)).toEqual(row);
      expect(row).toMatchObject({ nfe: 0, samples: 0, rmseObserved: 0, distribution: null, solver: null });
      expect(row.perImage?.psnr).toHaveLength(2);
    });
    const [mean, nearest, linear, , thinPlate] = rows.map(({ psnr }) => psnr ?? Infinity);
    expect(mean).toBeLessThan(nearest);
    expect(nearest).toBeLessThan(linear);
    expect(linear).toBeLessThan(thinPlate);
  });

  it('reports its progress after every image and passes on the scored images', async () => {
    const progress: string[] = [];
    const results = new Map<string, ImageBatch>();
    await evaluateClassical({
      truth,
      observations,
      onProgress: (done, total, method) => progress.push(`${done}/${total} ${method}`),
      onReconstructed: (method, result) => results.set(method, result),
    });
    expect(progress).toHaveLength(10);
    expect(progress[0]).toBe('1/10 mean');
    expect(progress[9]).toBe('10/10 thin plate');
    expect([...results.keys()]).toEqual([...classicalMethodNames]);
    for (const result of results.values()) {
      const second = observe(imageAt(result, 1), observations[1].indices);
      expect(second.values).toEqual(observations[1].values);
    }
  });

  it('refuses observations of another count or size', async () => {
    await expect(evaluateClassical({ truth, observations: observations.slice(1) })).rejects.toThrow(
      'Found 1 among the observations of 2 images',
    );
    const other = { ...observations[0], height: 8, width: 32 };
    await expect(evaluateClassical({ truth, observations: [other, other] })).rejects.toThrow(
      'Found one of 8×32',
    );
  });
});
