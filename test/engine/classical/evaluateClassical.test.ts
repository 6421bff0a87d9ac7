import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMaskSource } from '../../../main/datasets/masks.ts';
import { evaluateClassical } from '../../../main/engine/classical/evaluateClassical.ts';
import { classicalMethodNames } from '../../../main/engine/classical/registry.ts';
import { psnr } from '../../../main/engine/metrics/pixelErrors.ts';
import { imageAt, type ImageBatch, observe } from '../../../shared/images/image.ts';
import { type EvaluationRow, evaluationRowSchema } from '../../../shared/metric.ts';
import { randomPermutation } from '../../../shared/numbers/random.ts';

const side = 16;
/** Two smooth, curved images, which smoother methods reconstruct better. */
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
  it('returns one valid row per method, with higher scores for smoother methods on a smooth image', async () => {
    const rows = await evaluateClassical({ truth, observations });
    expect(rows.map(({ method }) => method)).toEqual([...classicalMethodNames]);
    rows.forEach((row) => {
      expect(evaluationRowSchema.parse(row)).toEqual(row);
      expect(row).toMatchObject({ nfe: 0, samples: 0, rmseObserved: 0, distribution: null, solver: null });
      expect(row.perImage?.psnr).toHaveLength(2);
    });
    const [mean, nearest, linear, , , thinPlate] = rows.map(({ psnr }) => psnr ?? Infinity);
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
    expect(progress).toHaveLength(14);
    expect(progress[0]).toBe('1/14 mean');
    expect(progress[13]).toBe('14/14 tension spline');
    expect([...results.keys()]).toEqual([...classicalMethodNames]);
    for (const result of results.values()) {
      const second = observe(imageAt(result, 1), observations[1].indices);
      expect(second.values).toEqual(observations[1].values);
    }
  });

  it('scores noisy observations clamped to the range of colours', async () => {
    const noisy = observations.map((each) => ({
      ...each,
      values: each.values.map((value) => 4 * value - 1.5),
    }));
    await evaluateClassical({
      truth,
      observations: noisy,
      onReconstructed: (_method, result) => {
        const seen = observe(imageAt(result, 0), noisy[0].indices);
        expect(seen.values).toEqual(noisy[0].values.map((value) => Math.min(1, Math.max(0, value))));
      },
    });
    expect(Math.max(...noisy[0].values)).toBeGreaterThan(1);
  });

  it('refuses observations whose count or size differs from that of the images', async () => {
    await expect(evaluateClassical({ truth, observations: observations.slice(1) })).rejects.toThrow(
      'Found 1 among the observations of 2 images',
    );
    const other = { ...observations[0], height: 8, width: 32 };
    await expect(evaluateClassical({ truth, observations: [other, other] })).rejects.toThrow(
      'Found one of 8×32',
    );
  });
});

interface ReferenceMethod {
  readonly psnr_mean: number;
  readonly ssim_mean: number;
  readonly psnr_first5: readonly number[];
}

const shared = join(import.meta.dirname, '../../../../shared');
const imagesFile = join(shared, 'data/cifar10-sample/test_batch.bin');
const numbersFile = join(shared, 'reference/classical.json');
const isPresent = existsSync(imagesFile) && existsSync(numbersFile);
/** Methods that may choose differently among neighbours at equal distance, so that single images differ slightly. */
const methodsWithTies: readonly string[] = ['nearest', 'linear'];

/** SciPy and scikit-image have no implementation of Telea's method or of a spline in tension. */
const comparedMethods = classicalMethodNames.filter((name) => !['Telea', 'tension spline'].includes(name));

/** Reads the first 100 images. A record is a label byte followed by three planes of 1024 bytes. */
function readImages(): ImageBatch {
  const file = readFileSync(imagesFile);
  const values = Float32Array.from({ length: 100 * 3072 }, (_, index) => {
    const image = Math.floor(index / 3072);
    const position = index % 3072;
    return file[image * 3073 + 1 + (position % 3) * 1024 + Math.floor(position / 3)] / 255;
  });
  return { count: 100, height: 32, width: 32, values };
}

describe.skipIf(!isPresent)('classical methods on real images (skipped without ../shared)', () => {
  const rows = new Map<string, EvaluationRow>();
  const firstFive = new Map<string, number[]>();

  beforeAll(async () => {
    const truth = readImages();
    const masks = createMaskSource({
      law: 'numpy',
      seed: 42,
      width: 32,
      height: 32,
      keepRatio: 0.2,
      targetRatio: 0.2,
    });
    const observations = Array.from({ length: 100 }, (_, image) =>
      observe(imageAt(truth, image), masks.maskOf(image).observed),
    );
    const onReconstructed = (method: string, result: ImageBatch) => {
      const scores = [0, 1, 2, 3, 4].map((i) => psnr(imageAt(truth, i).values, imageAt(result, i).values));
      firstFive.set(method, scores);
    };
    const found = await evaluateClassical({ truth, observations, onReconstructed });
    found.forEach((row) => rows.set(row.method, row));
  });

  it.each(comparedMethods)('score the same as in scikit-image and SciPy: %s', (name) => {
    const { methods } = JSON.parse(readFileSync(numbersFile, 'utf8'));
    const expected: ReferenceMethod = methods[name.replace(' ', '_')];
    const row = rows.get(name);
    expect(Math.abs((row?.psnr ?? NaN) - expected.psnr_mean)).toBeLessThan(0.05);
    expect(Math.abs((row?.ssim ?? NaN) - expected.ssim_mean)).toBeLessThan(0.002);
    if (methodsWithTies.includes(name)) return;
    firstFive.get(name)?.forEach((score, image) => expect(score).toBeCloseTo(expected.psnr_first5[image], 3));
    expect(firstFive.get(name)).toHaveLength(5);
  });
});
