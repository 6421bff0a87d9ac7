import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanPlan } from '../../../main/compute/evaluation/evaluateModel.ts';
import { inpaintImage } from '../../../main/compute/inpainting/inpaintImage.ts';
import type { LoadedModel } from '../../../main/compute/modelCheckpoint.ts';
import { createEstimateCache } from '../../../main/compute/inpainting/estimateCache.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { scoreLargeImage } from '../../../main/engine/inpaint/scoreLargeImage.ts';
import { knownPartOf, observationOf } from '../../../main/engine/inpaint/knownImage.ts';
import { ssim } from '../../../main/engine/metrics/ssim.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { type ExampleImage, smoothImage } from '../../engine/inpaint/exampleImage.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { tf } from '../../support/backend.ts';
import { exampleJob, inpaintExample } from './exampleJob.ts';
import { createSmallModel } from '../smallModel.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

const names = ['notebook', 'upgraded', 'unet', 'local', 'mixing', 'transformer', 'full attention'] as const;
const models = names.map((name) => ({ name, model: createSmallModel(trainings[name]) }));
const [{ model: notebook }, , { model: unet }] = models;

/** As the images of a dataset are reconstructed, known pixels pasted: bytes. */
async function reconstructOne(model: LoadedModel, picture: ExampleImage, plan: SamplingPlan) {
  const known = knownPartOf(picture);
  const { values } = await reconstructImages(model, {
    images: { count: 1, height: picture.height, width: picture.width, values: known.values },
    observations: [observationOf(known)],
    indices: [0],
    plan,
    seed: 42,
    sample: 0,
    paste: true,
  });
  return Uint8Array.from(values, (value) => Math.round(value * 255));
}

/** A rounding to bytes may tip over. */
function expectSameBytes(found: Uint8Array, expected: Uint8Array): void {
  const differences = Array.from(expected, (byte, index) => Math.abs(byte - found[index]));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  expect(differences.filter((difference) => difference > 0).length).toBeLessThan(5);
}

describe('inpaintImage', () => {
  it.each([
    ...models.map((named) => ({ ...named, solver: 'heun' as const })),
    // The field is given its steps.
    { name: 'shortcuts', model: createSmallModel(trainings.shortcuts), solver: 'euler' as const },
  ])('is what images are reconstructed to at their run’s size: $name', async ({ model, solver }) => {
    const picture = smoothImage(11, 11, 0.2);
    const expected = await reconstructOne(model, picture, { solver, steps: 2 });
    const { inpainting } = await inpaintExample(model, { ...picture, plan: { solver, steps: 2 } });
    expectSameBytes(inpainting.result, expected);
    expect(inpainting.tiles).toBe(1);
  });

  it('never changes a known pixel, in any image of any size, with any network and solver', async () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 24 }),
      share: fc.constantFrom(0, 0.1, 0.5, 1),
      field: fc.constantFrom(...models),
      solver: fc.constantFrom(...solverNames.filter((name) => name !== 'dopri5')),
      scale: fc.constantFrom(1 as const, 2 as const),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ width, height, share, field, solver, scale }) => {
        const picture = smoothImage(width, height, share);
        const { inpainting, events } = await inpaintExample(field.model, {
          ...picture,
          plan: { solver, steps: 1 },
          scale,
        });
        const pictures = [inpainting.result, inpainting.thinPlate, inpainting.biharmonic];
        events.forEach((event) => event.type === 'inpaintState' && pictures.push(event.rows.pixels));
        expect(inpainting.mask).toHaveLength(width * height * scale ** 2);
        inpainting.mask.forEach((known, pixel) => {
          if (known === 0) return;
          for (const bytes of pictures)
            for (let place = pixel * 3; place < pixel * 3 + 3; place++)
              if (bytes[place] !== inpainting.truth[place]) expect.fail(`pixel ${pixel} changed`);
        });
        expect(inpainting.observed).toBe(picture.mask.filter((known) => known === 1).length);
      }),
      { numRuns: 25 },
    );
  });

  it('by one step of euler is the posterior mean of one evaluation', async () => {
    const picture = smoothImage(11, 11, 0.2);
    const { inpainting } = await inpaintExample(unet, { ...picture, plan: { solver: 'euler', steps: 1 } });
    expect(inpainting.nfe).toBe(1);
    expectSameBytes(inpainting.result, await reconstructOne(unet, picture, meanPlan));
  });

  it('reports every sample and gives their mean and their spread', async () => {
    const { inpainting, events } = await inpaintExample(notebook, { samples: 3 });
    const samples = events.flatMap((event) => (event.type === 'inpaintSample' ? [event] : []));
    expect(samples.map(({ sample }) => sample)).toEqual([1, 2, 3]);
    const { deviation, largestDeviation, result } = inpainting;
    inpainting.mask.forEach((known, pixel) => {
      const values = [0, 1, 2].map((channel) =>
        samples.map(({ rows }) => rows.pixels[pixel * 3 + channel] / 255),
      );
      const means = values.map((of) => of.reduce((sum, value) => sum + value, 0) / 3);
      means.forEach((mean, channel) =>
        expect(Math.abs(result[pixel * 3 + channel] / 255 - mean)).toBeLessThan(0.005),
      );
      const variances = values.map(
        (of, channel) => of.reduce((sum, value) => sum + (value - means[channel]) ** 2, 0) / 2,
      );
      const spread = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / 3);
      const told = ((deviation?.[pixel] ?? 0) / 255) * (largestDeviation ?? 0);
      expect(Math.abs(told - (known ? 0 : spread))).toBeLessThan(0.01);
    });
    expect(inpainting.scores.map(({ method }) => method)).toEqual([
      'result',
      'sample 1',
      'thin plate',
      'biharmonic',
    ]);
    expect((await inpaintExample(notebook)).inpainting).toMatchObject({
      deviation: null,
      largestDeviation: null,
    });
  });

  it('reports the first sample’s states: the start, all or at most 24 of them, the end', async () => {
    const statesOf = async (steps: number) => {
      const { events, inpainting } = await inpaintExample(unet, {
        plan: { solver: 'euler', steps },
        samples: 2,
        width: 12,
        height: 9,
      });
      const states = events.flatMap((event) => (event.type === 'inpaintState' ? [event] : []));
      expect(states.map(({ index }) => index)).toEqual(states.map((_, index) => index));
      expect([states[0].time, states.at(-1)?.time]).toEqual([0, 1]);
      expect(inpainting.nfe).toBe(steps);
      const first = events.find((event) => event.type === 'inpaintSample');
      expect(states.at(-1)?.rows).toEqual(first?.rows);
      return states.length;
    };
    expect(await statesOf(3)).toBe(4);
    expect(await statesOf(23)).toBe(24);
    expect(await statesOf(50)).toBe(24);
  });

  it('says what it does, and never goes back', async () => {
    const { events } = await inpaintExample(unet, {
      width: 70,
      height: 40,
      samples: 2,
      plan: { solver: 'heun', steps: 3 },
    });
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event] : []));
    const phases = progress.map(({ phase }) => phase).join('\n');
    expect(phases).toMatch(/thin plate, window 1 of \d+/);
    expect(phases).toMatch(/sample 1 of 2, step 1 of 3/);
    progress.forEach(({ done, total }, index) => {
      expect(done).toBeGreaterThanOrEqual(progress[index - 1]?.done ?? 0);
      expect(done).toBeLessThanOrEqual(total ?? 0);
    });
  });

  it('scores as the metrics do, in bands as at once', async () => {
    const { width, height, pixels, mask } = smoothImage(900, 320);
    const result = pixels.map((byte, index) => (index % 7 === 0 ? byte ^ 9 : byte));
    const { ssim: found } = await scoreLargeImage({ width, height, truth: pixels, result, mask });
    const unit = (bytes: Uint8Array) => Float32Array.from(bytes, (byte) => byte / 255);
    expect(found).toBeCloseTo(ssim(unit(pixels), unit(result), { width, height, window: 'uniform' }), 9);
    const small = smoothImage(6, 40);
    expect(await scoreLargeImage({ ...small, truth: small.pixels, result: small.pixels })).toEqual({
      psnr: Infinity,
      psnrUnobserved: Infinity,
      ssim: null,
    });
  });

  it('compares with no truth where there is none', async () => {
    for (const changes of [{ truthIsKnown: false }, { scale: 2 as const }]) {
      const { inpainting } = await inpaintExample(unet, changes);
      for (const score of inpainting.scores)
        expect(score).toMatchObject({ psnr: null, psnrUnobserved: null, ssim: null });
    }
    const { inpainting } = await inpaintExample(unet);
    inpainting.scores.forEach(({ psnrUnobserved }) => expect(psnrUnobserved).toBeGreaterThan(0));
  });

  it('is the same for the same seed, also with estimates it remembers, and another for another', async () => {
    const job = exampleJob(notebook, { width: 40, height: 20 });
    const estimates = createEstimateCache();
    const again = async (seed: number) => {
      const tools = { model: notebook, power: { parts: 2, products: 1 }, estimates, emit: () => undefined };
      const { signal } = new AbortController();
      return (await inpaintImage({ ...job, seed }, { ...tools, signal })).result;
    };
    const first = await again(1);
    expect(estimates.has(knownPartOf({ ...job, mask: job.mask.bits }))).toBe(true);
    expect(await again(1)).toEqual(first);
    expect(await again(2)).not.toEqual(first);
  });

  it('leaves no tensor behind over many jobs', async () => {
    for (const { model } of models) await inpaintExample(model);
    const before = tf.memory().numTensors;
    for (const { model } of models)
      await inpaintExample(model, { samples: 2, plan: { solver: 'midpoint', steps: 2 } });
    expect(tf.memory().numTensors).toBe(before);
  });
});
