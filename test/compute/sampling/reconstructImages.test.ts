import { describe, expect, it } from 'vitest';
import {
  reconstructImages,
  type ReconstructOptions,
  rememberEstimates,
} from '../../../main/compute/sampling/reconstructImages.ts';
import { estimateObservation } from '../../../main/engine/classical/maskEstimator.ts';
import { imageSymmetries, applySymmetry } from '../../../main/engine/symmetry.ts';
import { imageAt, observe, type SparseObservation } from '../../../shared/images/image.ts';
import { bayerChannels } from '../../../shared/masks/bayer.ts';
import { randomPermutation, randomUniforms } from '../../../shared/numbers/random.ts';
import { expectClose } from '../../engine/field/waves.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { tf } from '../../support/backend.ts';
import { createSmallModel, imageSize, createRandomImages } from '../smallModel.ts';

const model = createSmallModel();
const size = imageSize ** 2 * 3;

function reconstruct(count: number, changes: Partial<ReconstructOptions> = {}, used = model) {
  return reconstructImages(used, {
    ...createRandomImages(count),
    plan: { solver: 'heun', steps: 2 },
    seed: 42,
    sample: 0,
    paste: true,
    ...changes,
  });
}

describe('reconstructImages', () => {
  it('pastes the observed pixels exactly, and only on request', async () => {
    const { observations } = createRandomImages(2);
    const pasted = await reconstruct(2);
    const free = await reconstruct(2, { paste: false });
    observations.forEach(({ indices, values }, index) => {
      expect(observe(imageAt(pasted, index), indices).values).toEqual(values);
      expect(observe(imageAt(free, index), indices).values).not.toEqual(values);
      const others = Int32Array.from({ length: size / 3 }, (_, pixel) => pixel).filter(
        (pixel) => !indices.includes(pixel),
      );
      const at = (batch: typeof free) => observe(imageAt(batch, index), others).values;
      expect(at(pasted)).toEqual(at(free));
    });
  });

  it('pastes the observed channel of each pixel of a Bayer pattern, and nothing else', async () => {
    const bayer = createSmallModel(trainings.bayer);
    const { images } = createRandomImages(2);
    const channels = bayerChannels('GRBG', images);
    const pixels = Int32Array.from({ length: size / 3 }, (_, pixel) => pixel);
    const observations = [0, 1].map((index) => observe(imageAt(images, index), pixels, channels));
    const pasted = await reconstruct(2, { observations, symmetries: 2 }, bayer);
    const free = await reconstruct(2, { observations, symmetries: 2, paste: false }, bayer);
    pasted.values.forEach((value, at) => {
      const isObserved = channels[Math.floor((at % size) / 3)] === at % 3;
      expect(value).toBe((isObserved ? images : free).values[at]);
    });
    const unknown = { ...images, values: images.values.map(() => Number.NaN) };
    expect(await reconstruct(2, { observations, images: unknown, symmetries: 2 }, bayer)).toEqual(pasted);
  });

  it('reads nothing of the images but their observed values', async () => {
    for (const used of [model, createSmallModel(trainings.unet)]) {
      const { images } = createRandomImages(2);
      const unknown = { ...images, values: images.values.map(() => Number.NaN) };
      const expected = await reconstruct(2, { symmetries: 2 }, used);
      expect(await reconstruct(2, { symmetries: 2, images: unknown }, used)).toEqual(expected);
    }
  });

  it.each([2, 8])(
    'is equivariant over %i symmetries: a transformed input has the transformed result',
    async (symmetries) => {
      const small = createSmallModel(trainings.unet);
      const plan = { solver: 'ddim', steps: 1 } as const;
      const { images, observations } = createRandomImages(2);
      const straight = await reconstruct(2, { plan, symmetries, paste: false }, small);
      // The path starts at the estimate without noise, which would have to be transformed too.
      const still = {
        ...small,
        config: { ...small.config, path: { ...small.config.path, startNoise: 1e-12 } },
      };
      const results = await reconstruct(2, { plan, symmetries, paste: false }, still);
      for (const symmetry of imageSymmetries(symmetries, images)) {
        const transformed = { ...images, values: applySymmetry(images.values, symmetry) };
        const seen = observations.map(({ indices }, row) =>
          observe(
            imageAt(transformed, row),
            indices.map((pixel) => symmetry.to[pixel]),
          ),
        );
        const found = await reconstruct(
          2,
          { images: transformed, observations: seen, plan, symmetries, paste: false },
          still,
        );
        expectClose(found.values, applySymmetry(results.values, symmetry), 1e-4);
      }
      expect(results.values).not.toEqual(straight.values);
      const plain = await reconstruct(2, { plan, paste: false }, still);
      const difference = plain.values.map((value, index) => Math.abs(value - results.values[index]));
      expect(Math.max(...difference)).toBeGreaterThan(1e-3);
    },
  );

  it('stays within [0, 1]', async () => {
    const { values } = await reconstruct(2, { paste: false });
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('returns the same images for the same seed, and different ones for another seed or sample', async () => {
    const first = await reconstruct(2);
    expect(await reconstruct(2)).toEqual(first);
    expect((await reconstruct(2, { seed: 43 })).values).not.toEqual(first.values);
    expect((await reconstruct(2, { sample: 1 })).values).not.toEqual(first.values);
  });

  it.each([
    { name: 'denoiser', plan: { solver: 'ddim', steps: 2, eta: 1 } },
    { name: 'score', plan: { solver: 'langevin', steps: 2 } },
  ] as const)(
    'samples the noise of $plan.solver from seed, sample and image, independently of chunks',
    async ({ name, plan }) => {
      const small = createSmallModel(trainings[name]);
      const short = await reconstruct(17, { plan }, small);
      const long = await reconstruct(20, { plan }, small);
      expectClose(short.values, long.values.subarray(0, 17 * size), 1e-4);
      expect((await reconstruct(2, { plan, sample: 1 }, small)).values).not.toEqual(
        short.values.subarray(0, 2 * size),
      );
    },
  );

  it('reports the number of evaluations for each image, chunk by chunk', async () => {
    const reports: number[][] = [];
    await reconstruct(17, { onEvaluations: (counts) => reports.push([...counts]) });
    expect(reports).toEqual([Array(16).fill(3), [3]]);
  });

  it.each(['notebook', 'upgraded'] as const)(
    'does not depend on chunks: 17 images equal the first of 20 (%s)',
    async (name) => {
      const small = createSmallModel(trainings[name]);
      const plan = { solver: 'euler', steps: 1 } as const;
      const short = await reconstruct(17, { plan }, small);
      const long = await reconstruct(20, { plan }, small);
      expectClose(short.values, long.values.subarray(0, 17 * size), 1e-5);
    },
  );

  it('samples different noise for every image, even in another chunk', async () => {
    const { images, observations } = createRandomImages(1);
    const same = {
      images: {
        ...images,
        count: 17,
        values: Float32Array.from({ length: 17 * size }, (_, i) => images.values[i % size]),
      },
      observations: Array.from({ length: 17 }, () => observations[0]),
    };
    const result = await reconstruct(17, { ...same, plan: { solver: 'euler', steps: 1 } });
    const different = new Set(Array.from({ length: 17 }, (_, index) => imageAt(result, index).values.join()));
    expect(different.size).toBe(17);
  });

  it('reads the observations of each image, even in another chunk', async () => {
    const plan = { solver: 'euler', steps: 1 } as const;
    const before = await reconstruct(17, { plan, paste: false });
    const { observations } = createRandomImages(17);
    const other = createRandomImages(18).observations[17];
    const after = await reconstruct(17, {
      plan,
      paste: false,
      observations: [...observations.slice(0, 16), other],
    });
    expectClose(after.values.subarray(0, 16 * size), before.values.subarray(0, 16 * size), 1e-5);
    expect(imageAt(after, 16).values).not.toEqual(imageAt(before, 16).values);
  });

  it('reports progress after every chunk and leaks no tensor', async () => {
    const progress: string[] = [];
    const before = tf.memory().numTensors;
    await reconstruct(17, { onProgress: (done, total) => progress.push(`${done}/${total}`) });
    expect(progress).toEqual(['16/17', '17/17']);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('stops between chunks if it is cancelled', async () => {
    let chunks = 0;
    const cancelled = reconstruct(17, { onProgress: () => (chunks += 1), isCancelled: () => chunks === 1 });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect(chunks).toBe(1);
  });
});

const createObservation = (index: number): SparseObservation => ({
  height: 8,
  width: 8,
  indices: randomPermutation({ seed: 1, stream: 'mask', step: index }, 64).slice(0, 12),
  values: randomUniforms({ seed: 1, stream: 'synthetic', step: index }, 36),
});

it('a remembered estimate equals the estimate of its observation and is not computed again', () => {
  const estimateOf = rememberEstimates('tension-spline');
  const observations = [0, 1, 2].map(createObservation);
  const first = observations.map(estimateOf);
  expect(first).toEqual(observations.map((each) => estimateObservation('tension-spline', each)));
  observations.forEach((observation, index) => expect(estimateOf(observation)).toBe(first[index]));
});
