import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMaskSource } from '../../../main/datasets/masks.ts';
import { evaluateClassical } from '../../../main/engine/classical/evaluateClassical.ts';
import { classicalMethodNames } from '../../../main/engine/classical/registry.ts';
import { psnr } from '../../../main/engine/metrics/pixelErrors.ts';
import { imageAt, type ImageBatch, observe } from '../../../shared/images/image.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';

interface ReferenceMethod {
  readonly psnr_mean: number;
  readonly ssim_mean: number;
  readonly psnr_first5: readonly number[];
}

const shared = join(import.meta.dirname, '../../../../shared');
const imagesFile = join(shared, 'data/cifar10-sample/test_batch.bin');
const numbersFile = join(shared, 'reference/classical.json');
const isPresent = existsSync(imagesFile) && existsSync(numbersFile);
/** Neighbours at equal distance may be chosen differently, so the images of these two differ here and there. */
const methodsWithTies: readonly string[] = ['nearest', 'linear'];

/** The first 100 images: records of a label byte and three planes of 1024 bytes. */
function readImages(): ImageBatch {
  const file = readFileSync(imagesFile);
  const values = Float32Array.from({ length: 100 * 3072 }, (_, index) => {
    const [image, place] = [Math.floor(index / 3072), index % 3072];
    return file[image * 3073 + 1 + (place % 3) * 1024 + Math.floor(place / 3)] / 255;
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
      pixels: 1024,
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

  it.each(classicalMethodNames)('%s scores as in scikit-image and SciPy', (name) => {
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
