import type { Mask } from '../../../shared/images/mask.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanPlan } from '../../../main/compute/evaluation/evaluateModel.ts';
import { createEstimateCache, estimateNames } from '../../../main/compute/inpainting/estimateCache.ts';
import { inpaintClassically, inpaintImage } from '../../../main/compute/inpainting/inpaintImage.ts';
import { inpaintInput } from '../../../main/compute/inpainting/inpaintInput.ts';
import type { ComputeEvent, InpaintedImage } from '../../../main/compute/protocol.ts';
import type { LoadedModel } from '../../../main/compute/modelCheckpoint.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { knownPartOf, observationOf } from '../../../main/engine/inpaint/knownImage.ts';
import { scoreLargeImage } from '../../../main/engine/inpaint/scoreLargeImage.ts';
import { ssim } from '../../../main/engine/metrics/ssim.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { classicalMethods, classicalNames, posteriorMean } from '../../../shared/inpainting.ts';
import { createSmoothImage, type ExampleImage } from '../../engine/inpaint/exampleImage.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { tf } from '../../support/backend.ts';
import { createSmallModel, imageSize } from '../smallModel.ts';
import { createExampleEstimate, createExampleJob, inpaintExample } from './exampleJob.ts';

const names = [
  'notebook',
  'upgraded',
  'unet',
  'local contrast',
  'pink noise',
  'local',
  'mixing',
  'transformer',
  'full attention',
] as const;
const models = names.map((name) => ({ name, model: createSmallModel(trainings[name]) }));
const [{ model: notebook }, , { model: unet }] = models;

/** Reconstructs an image as the images of a dataset are, with known pixels pasted, and returns its bytes. */
async function reconstructOne(
  model: LoadedModel,
  image: ExampleImage,
  plan: SamplingPlan,
  symmetries?: number,
) {
  const known = knownPartOf(image);
  const { values } = await reconstructImages(model, {
    images: { count: 1, height: image.height, width: image.width, values: known.values },
    observations: [observationOf(known)],
    indices: [0],
    plan,
    symmetries,
    seed: 42,
    sample: 0,
    paste: true,
  });
  return Uint8Array.from(values, (value) => Math.round(value * 255));
}

/** Expects equal bytes except for a few that are rounded the other way. */
function expectSameBytes(found: Uint8Array, expected: Uint8Array): void {
  const differences = Array.from(expected, (byte, index) => Math.abs(byte - found[index]));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  expect(differences.filter((difference) => difference > 0).length).toBeLessThan(5);
}

describe('inpaintClassically', () => {
  /** An image of the size that networks are trained on, for the same exact estimates, and a larger one. */
  it.each([
    { width: 32, height: 20 },
    { width: 50, height: 34 },
  ])(
    'has as result what is shown next to a network, before anything else is computed: $width',
    async (size) => {
      const { data } = unet.config;
      const model = { ...unet, config: { ...unet.config, data: { ...data, imageSize: 32 } } };
      const compared = (await inpaintExample(model, { ...size, plan: { solver: 'ddim', steps: 1 } }))
        .inpainting;
      const job = createExampleJob(model, size);
      for (const method of classicalNames) {
        const events: ComputeEvent[] = [];
        const found = await inpaintClassically(createExampleEstimate(method, job), {
          estimates: createEstimateCache(),
          emit: (event) => events.push(event),
          signal: new AbortController().signal,
        });
        expect(found.result).toEqual(compared.classical[method]);
        expect(found).toMatchObject({ nfe: 0, tiles: 1, deviation: null, largestDeviation: null });
        const own = classicalMethods[method].scoredAs;
        const others = estimateNames.filter((name) => name !== own);
        expect(found.scores.map((score) => score.method)).toEqual(['result', ...others]);
        const { psnr, psnrUnobserved, ssim: similarity } = found.scores[0];
        expect({ psnr, psnrUnobserved, ssim: similarity }).toEqual(scoreOf(compared, own));
        const seen = events.map((event) => (event.type === 'progress' ? event.phase : event.type));
        expect(new Set(seen.slice(0, seen.indexOf('inpaintResult')))).toEqual(new Set([own]));
        expect(events[0]).toMatchObject({ type: 'progress', done: 0 });
      }
    },
  );
});

function scoreOf({ scores }: InpaintedImage, name: string) {
  const found = scores.find(({ method }) => method === name);
  return found && { psnr: found.psnr, psnrUnobserved: found.psnrUnobserved, ssim: found.ssim };
}

describe('inpaintImage', () => {
  it.each([
    ...models.map((named) => ({ ...named, solver: 'heun' as const })),
    // This field also reads the step size.
    { name: 'shortcuts', model: createSmallModel(trainings.shortcuts), solver: 'euler' as const },
  ])('reconstructs an image of the run’s size as an image of a dataset: $name', async ({ model, solver }) => {
    const image = createSmoothImage(11, 11, 0.2);
    const expected = await reconstructOne(model, image, { solver, steps: 2 });
    const { inpainting } = await inpaintExample(model, { ...image, plan: { solver, steps: 2 } });
    expectSameBytes(inpainting.result, expected);
    expect(inpainting.tiles).toBe(1);
  });

  it.each(models)(
    'has as posterior mean the self-ensemble of an image of a dataset: $name',
    async ({ model }) => {
      const image = createSmoothImage(11, 11, 0.2);
      const expected = await reconstructOne(model, image, meanPlan, 8);
      const { inpainting } = await inpaintExample(model, { ...image, plan: meanPlan, symmetries: 8 });
      expectSameBytes(inpainting.result, expected);
      expect(inpainting.nfe).toBe(8);
    },
  );

  it.each([
    { name: 'unet', model: unet },
    // This network is given the whole of an image that is smaller than those it was trained on.
    { name: 'notebook', model: notebook },
  ])(
    'shows the posterior mean of the image as it is first, then that of the self-ensemble: $name',
    async ({ model }) => {
      const image = createSmoothImage(9, 6, 0.3);
      const plan = meanPlan;
      const alone = (await inpaintExample(model, { ...image, plan })).inpainting;
      const { inpainting, events } = await inpaintExample(model, { ...image, plan, symmetries: 8 });
      const shown = events.flatMap((event) => (event.type === 'inpaintResult' ? [event.rows.pixels] : []));
      expect(shown).toEqual([alone.result, inpainting.result]);
      expect(inpainting.result).not.toEqual(alone.result);
      const phases = events.flatMap((event) => (event.type === 'progress' ? [event.phase] : []));
      expect(phases.filter((phase) => phase.startsWith('view')).at(0)).toBe('view 1 of 8, step 1 of 1');
    },
  );

  it('never changes a known pixel of an image of any size, with any network and solver', async () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 24 }),
      fraction: fc.constantFrom(0, 0.1, 0.5, 1),
      field: fc.constantFrom(...models),
      solver: fc.constantFrom(...solverNames.filter((name) => name !== 'dopri5')),
      scale: fc.constantFrom(1 as const, 2 as const),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ width, height, fraction, field, solver, scale }) => {
        const image = createSmoothImage(width, height, fraction);
        const { inpainting, events } = await inpaintExample(field.model, {
          ...image,
          plan: { solver, steps: 1 },
          scale,
        });
        const images = [inpainting.result, ...Object.values(inpainting.classical)];
        events.forEach((event) => event.type === 'inpaintState' && images.push(event.rows.pixels));
        expect(inpainting.mask.bits).toHaveLength(width * height * scale ** 2);
        inpainting.mask.bits.forEach((known, pixel) => {
          if (known === 0) return;
          for (const bytes of images)
            for (let position = pixel * 3; position < pixel * 3 + 3; position++)
              if (bytes[position] !== inpainting.truth[position]) expect.fail(`pixel ${pixel} changed`);
        });
        expect(inpainting.observed).toBe(image.mask.bits.filter((known) => known === 1).length);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    { name: 'one Euler step', model: unet, plan: { solver: 'euler', steps: 1 } as const },
    { name: 'the settings of the posterior mean', model: unet, plan: posteriorMean },
    {
      name: 'these settings and a network that reads its step',
      model: createSmallModel(trainings.shortcuts),
      plan: posteriorMean,
    },
  ])('returns the posterior mean of one evaluation for $name', async ({ model, plan }) => {
    const image = createSmoothImage(11, 11, 0.2);
    const { solver, steps } = plan;
    const { inpainting } = await inpaintExample(model, { ...image, plan: { solver, steps } });
    expect(inpainting.nfe).toBe(1);
    expectSameBytes(inpainting.result, await reconstructOne(model, image, meanPlan));
  });

  it('reports every sample and returns their mean and their spread', async () => {
    const { inpainting, events } = await inpaintExample(notebook, { samples: 3 });
    const samples = events.flatMap((event) => (event.type === 'inpaintSample' ? [event] : []));
    expect(samples.map(({ sample }) => sample)).toEqual([1, 2, 3]);
    const { deviation, largestDeviation, result } = inpainting;
    inpainting.mask.bits.forEach((known, pixel) => {
      const values = [0, 1, 2].map((channel) =>
        samples.map(({ rows }) => rows.pixels[pixel * 3 + channel] / 255),
      );
      const means = values.map((channel) => channel.reduce((sum, value) => sum + value, 0) / 3);
      means.forEach((mean, channel) =>
        expect(Math.abs(result[pixel * 3 + channel] / 255 - mean)).toBeLessThan(0.005),
      );
      const variances = values.map(
        (sampled, channel) => sampled.reduce((sum, value) => sum + (value - means[channel]) ** 2, 0) / 2,
      );
      const spread = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / 3);
      const reported = ((deviation?.[pixel] ?? 0) / 255) * (largestDeviation ?? 0);
      expect(Math.abs(reported - (known ? 0 : spread))).toBeLessThan(0.01);
    });
    expect(inpainting.scores.map(({ method }) => method)).toEqual([
      'result',
      'sample 1',
      'thin plate',
      'tension spline',
      'biharmonic',
      'Telea',
    ]);
    expect((await inpaintExample(notebook)).inpainting).toMatchObject({
      deviation: null,
      largestDeviation: null,
    });
  });

  it('reports at most 24 states of the first sample, including the start and the end', async () => {
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

  it('reports its phases and never reports less progress than before', async () => {
    const { events } = await inpaintExample(unet, {
      width: 70,
      height: 40,
      samples: 2,
      plan: { solver: 'heun', steps: 3 },
    });
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event] : []));
    const phases = progress.map(({ phase }) => phase).join('\n');
    expect(phases).toMatch(/^thin plate$/m);
    expect(phases).toMatch(/sample 1 of 2, step 1 of 3/);
    progress.forEach(({ done, total }, index) => {
      expect(done).toBeGreaterThanOrEqual(progress[index - 1]?.done ?? 0);
      expect(done).toBeLessThanOrEqual(total ?? 0);
    });
  });

  it('reports the result before it computes anything that it is compared with', async () => {
    const { inpainting, events } = await inpaintExample(unet, {
      width: 40,
      height: 30,
      plan: { solver: 'ddim', steps: 1 },
    });
    const seen = events.map((event) => (event.type === 'progress' ? event.phase : event.type));
    const at = seen.indexOf('inpaintResult');
    const isAfter = (phase: string) => /tension|biharmonic|Telea|errors/.test(phase);
    expect(seen.slice(0, at).filter(isAfter)).toEqual([]);
    expect(seen.slice(at).filter(isAfter).length).toBeGreaterThanOrEqual(4);
    const result = events.find((event) => event.type === 'inpaintResult');
    expect(result?.rows.pixels).toEqual(inpainting.result);
  });

  it('scores in bands as the metrics do on the whole image', async () => {
    const { width, height, pixels, mask } = createSmoothImage(900, 320);
    const result = pixels.map((byte, index) => (index % 7 === 0 ? byte ^ 9 : byte));
    const { ssim: found } = await scoreLargeImage({ width, height, truth: pixels, result, mask });
    const unit = (bytes: Uint8Array) => Float32Array.from(bytes, (byte) => byte / 255);
    expect(found).toBeCloseTo(ssim(unit(pixels), unit(result), { width, height, window: 'uniform' }), 9);
    const small = createSmoothImage(6, 40);
    expect(await scoreLargeImage({ ...small, truth: small.pixels, result: small.pixels })).toEqual({
      psnr: Infinity,
      psnrUnobserved: Infinity,
      ssim: null,
    });
  });

  it('does not compare with the truth if there is none', async () => {
    for (const changes of [{ truthIsKnown: false }, { scale: 2 as const }]) {
      const { inpainting } = await inpaintExample(unet, changes);
      for (const score of inpainting.scores)
        expect(score).toMatchObject({ psnr: null, psnrUnobserved: null, ssim: null });
    }
    const { inpainting } = await inpaintExample(unet);
    inpainting.scores.forEach(({ psnrUnobserved }) => expect(psnrUnobserved).toBeGreaterThan(0));
  });

  it('depends only on the seed, even with remembered estimates', async () => {
    const job = createExampleJob(notebook, { width: 40, height: 20 });
    const estimates = createEstimateCache();
    const again = async (seed: number) => {
      const tools = {
        model: notebook,
        power: { parts: 2, smallestPart: 1, products: 1 },
        estimates,
        emit: () => undefined,
      };
      const { signal } = new AbortController();
      return (await inpaintImage({ ...job, seed }, { ...tools, signal })).result;
    };
    const first = await again(1);
    const known = knownPartOf(job);
    expect(estimateNames.map((name) => estimates.has(known, name))).toEqual([true, true, true, true]);
    expect(await again(1)).toEqual(first);
    expect(await again(2)).not.toEqual(first);
  });

  it('leaks no tensor over many jobs', async () => {
    for (const { model } of models) await inpaintExample(model);
    const before = tf.memory().numTensors;
    for (const { model } of models)
      await inpaintExample(model, { samples: 2, plan: { solver: 'midpoint', steps: 2 } });
    expect(tf.memory().numTensors).toBe(before);
  });
});

const model = createSmallModel();
const createInput = (changes: Parameters<typeof createExampleJob>[1]) =>
  inpaintInput(createExampleJob(model, changes));

describe('the input of an inpainting', () => {
  it('is the image itself by default', () => {
    const image = createSmoothImage(23, 14);
    expect(createInput(image)).toEqual(image);
  });

  it('is the centre square at the size of the run if it is fitted; a pixel is known if at least half of it is', () => {
    const image = { ...createSmoothImage(44, 22), mask: new Uint8Array(44 * 22) };
    // The left half of the centre square is known; every pixel of the result covers two columns of the image.
    for (let y = 0; y < 22; y++) image.mask.fill(1, y * 44 + 11, y * 44 + 22);
    const input = createInput({ ...image, fit: 'fit' });
    expect([input.width, input.height]).toEqual([imageSize, imageSize]);
    const row = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
    expect(Array.from(input.mask.bits.subarray(0, imageSize))).toEqual(row);
    const at = (x: number, y: number) => image.pixels[(y * 44 + 11 + x) * 3];
    const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
    expect(Math.abs(input.pixels[0] - mean)).toBeLessThanOrEqual(0.5);
  });

  it('has no known pixel that is transparent, or partly transparent in a fitted image', () => {
    const opaque = new Uint8Array(23 * 14).fill(1);
    opaque[5] = 0;
    const mask = new Uint8Array(23 * 14).fill(1);
    expect(createInput({ mask, opaque }).mask.bits).toEqual(opaque);
    const large = { ...createSmoothImage(44, 22), mask: new Uint8Array(44 * 22).fill(1) };
    const hole = new Uint8Array(44 * 22).fill(1);
    hole[11] = 0;
    const fitted = createInput({ ...large, opaque: hole, fit: 'fit' }).mask.bits;
    expect(Array.from(fitted.subarray(0, 3))).toEqual([0, 1, 1]);
    expect(() => createInput({ mask: opaque.map((one) => 1 - one), opaque })).toThrow(
      'Every known pixel is transparent',
    );
  });

  it('keeps a mask that was drawn for the square', () => {
    const { mask } = createSmoothImage(imageSize, imageSize, 0.4);
    expect(createInput({ ...createSmoothImage(50, 30), mask, fit: 'fit' }).mask).toEqual(mask);
  });

  it('has every known pixel in the middle of its square, and the rest unknown, if it is enlarged', () => {
    for (const scale of [2, 4] as const) {
      const image = createSmoothImage(5, 3, 0.5);
      const input = createInput({ ...image, scale });
      expect([input.width, input.height]).toEqual([5 * scale, 3 * scale]);
      const known = Array.from(input.mask.bits.keys()).filter((pixel) => input.mask.bits[pixel] === 1);
      const middle = Math.floor(scale / 2);
      const expected = Array.from(image.mask.bits.keys())
        .filter((pixel) => image.mask.bits[pixel] === 1)
        .map((pixel) => (scale * Math.floor(pixel / 5) + middle) * 5 * scale + scale * (pixel % 5) + middle);
      expect(known).toEqual(expected);
      known.forEach((pixel, row) => {
        const source = Array.from(image.mask.bits.keys()).filter(
          (sourcePixel) => image.mask.bits[sourcePixel] === 1,
        )[row];
        expect(input.pixels[pixel * 3]).toBe(image.pixels[source * 3]);
      });
    }
  });

  it('cannot be created from a mask of another size', () => {
    const mask: Mask = { width: 4, height: 3, channels: 1, bits: new Uint8Array(12) };
    expect(() => createInput({ mask })).toThrow("The mask has 4 × 3 pixels; expected the image's 23 × 14.");
    expect(() => createInput({ mask, fit: 'fit' })).toThrow('or 11 × 11 for the square');
  });
});
