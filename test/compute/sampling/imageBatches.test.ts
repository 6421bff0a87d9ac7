import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchShape, batchShapeOf, groupImages } from '../../../main/compute/sampling/imageBatches.ts';
import {
  type ReconstructOptions,
  reconstructImages,
  sampleChunks,
} from '../../../main/compute/sampling/reconstructImages.ts';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import type { LoadedModel } from '../../../main/compute/modelCheckpoint.ts';
import { meanPlan } from '../../../main/compute/evaluation/evaluateModel.ts';
import { resolvePreset, findPreset, presets } from '../../../shared/config/presets.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { backend, describeNative } from '../../support/backend.ts';
import { nativeBackend } from '../graph/nativeBinding.ts';
import { createSmallModel, imageSize, createRandomImages } from '../smallModel.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

const size = imageSize ** 2 * 3;
const all = createRandomImages(20);

/** Selects images of the split, in this order. */
function selectImages(
  indices: readonly number[],
): Pick<ReconstructOptions, 'images' | 'observations' | 'indices'> {
  const values = new Float32Array(indices.length * size);
  indices.forEach((index, row) =>
    values.set(all.images.values.subarray(index * size, (index + 1) * size), row * size),
  );
  const images = { ...all.images, count: indices.length, values };
  return { images, observations: indices.map((index) => all.observations[index]), indices };
}

async function reconstruct(
  model: LoadedModel,
  indices: readonly number[],
  changes: Partial<ReconstructOptions>,
) {
  const plan: SamplingPlan = { solver: 'heun', steps: 2 };
  const { values } = await reconstructImages(model, {
    ...selectImages(indices),
    plan,
    seed: 42,
    sample: 0,
    paste: false,
    ...changes,
  });
  return new Map(indices.map((index, row) => [index, values.slice(row * size, (row + 1) * size)]));
}

/** Requests that contain image 7: alone, second, first, with two that would take its row, and in the second of three groups. */
const requests = [[7], [0, 7], [7, 0], [3, 7, 11], Array.from({ length: 9 }, (_, index) => index)];
/** The same for what differs by solver: alone, and in one group with others. */
const fewRequests = [[7], [6, 7, 9]];

/** Returns the reconstruction of image 7 in each of the requests. */
async function reconstructSeventh(
  model: LoadedModel,
  changes: Partial<ReconstructOptions>,
  of: readonly (readonly number[])[] = requests,
): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  for (const request of of) {
    const seven = (await reconstruct(model, request, changes)).get(7);
    if (seven) found.push(seven);
  }
  return found;
}

const fixed: BatchShape = { rows: 4, isFixed: true };

describe('groups of images', () => {
  it('contain every image once, in the order of the request, each in the row of its index', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (indices, rows) => {
          const groups = groupImages(indices, { rows, isFixed: true });
          expect(groups.flatMap(({ first, count }) => indices.slice(first, first + count))).toEqual(indices);
          for (const { first, count, imageOfRow, rowOfImage } of groups) {
            expect(imageOfRow).toHaveLength(rows);
            expect(count).toBeGreaterThan(0);
            rowOfImage.forEach((row, image) => {
              expect(row).toBe(indices[first + image] % rows);
              expect(imageOfRow[row]).toBe(image);
            });
            imageOfRow.forEach((image) => expect(image).toBeLessThan(count));
          }
        },
      ),
    );
  });

  it('leave no row empty for consecutive images, wherever they begin', () => {
    const groups = groupImages(
      Array.from({ length: 16 }, (_, index) => 5 + index),
      { rows: 8, isFixed: true },
    );
    expect(groups.map(({ count }) => count)).toEqual([8, 8]);
  });

  it('are as small as the request if a row does not depend on their number', () => {
    const groups = groupImages([7, 7, 3, 19], { rows: 3, isFixed: false });
    expect(groups.map(({ count, imageOfRow }) => [count, imageOfRow])).toEqual([
      [3, [0, 1, 2]],
      [1, [0]],
    ]);
  });

  it('have more rows for a small network than for a large one', () => {
    const power = { isNative: true, isGraphics: false, parts: 4 };
    const rowsOf = Object.fromEntries(
      presets.map((preset) => [preset.name, batchShapeOf(resolvePreset(preset), power).rows]),
    );
    expect(rowsOf).toMatchObject({ laptop: 16, tiny: 16, notebook: 8 });
    expect(
      batchShapeOf(resolvePreset(findPreset('laptop') ?? presets[0]), { ...power, isNative: false }).isFixed,
    ).toBe(false);
  });
});

/** Returns a small model with the batches of this backend. */
const createModel = (name: keyof typeof trainings): LoadedModel => ({
  ...createSmallModel(trainings[name]),
  batch: backend.kind === 'wasm' ? { rows: 16, isFixed: false } : fixed,
});

describe('an image does not depend, to the last bit, on the images requested with it', () => {
  it.each(solverNames)('if it is sampled with %s', async (solver) => {
    const plan = { solver, steps: 3, eta: 0.7, tolerance: 3 } as const;
    const [alone, ...others] = await reconstructSeventh(createModel('upgraded'), { plan }, fewRequests);
    others.forEach((other) => expect(other).toEqual(alone));
  });

  it.each([
    { what: 'the posterior mean', changes: { plan: meanPlan } },
    { what: 'the posterior mean over eight symmetries', changes: { plan: meanPlan, symmetries: 8 } },
    { what: 'the third sample', changes: { sample: 2 } },
    { what: 'a sample with pasted pixels', changes: { paste: true } },
  ])('if it is $what', async ({ changes }) => {
    const [alone, ...others] = await reconstructSeventh(createModel('unet'), changes);
    others.forEach((other) => expect(other).toEqual(alone));
  });

  it('in the states of its sample and the number of its evaluations', async () => {
    const plan = { solver: 'dopri5', steps: 3, tolerance: 1 } as const;
    const found: unknown[] = [];
    for (const request of [...fewRequests, [3, 7, 11]]) {
      const counts: number[] = [];
      const onEvaluations = (of: readonly number[]) => void counts.push(...of);
      const options = { ...selectImages(request), plan, seed: 42, samples: [0], onEvaluations };
      const states = [];
      for await (const chunk of sampleChunks(createModel('upgraded'), {
        ...options,
        watch: { images: 20, states: 9 },
      }))
        states.push(...chunk.states);
      const at = request.indexOf(7);
      found.push({ count: counts[at], states: states[at] });
    }
    found.forEach((each) => expect(each).toEqual(found[0]));
  });

  it('but on its index, even if its pixels are the same', async () => {
    const first = await reconstruct(createModel('upgraded'), [7], {});
    const { images, observations } = selectImages([7]);
    const other = await reconstructImages(createModel('upgraded'), {
      images,
      observations,
      indices: [8],
      plan: { solver: 'heun', steps: 2 },
      seed: 42,
      sample: 0,
      paste: false,
    });
    expect(other.values).not.toEqual(first.get(7));
  });
});

describeNative('an image from a compiled graph', () => {
  it.each(['notebook', 'upgraded', 'unet', 'local', 'mixing', 'transformer', 'full attention'] as const)(
    'does not depend, to the last bit, on the images requested with it (%s)',
    async (name) => {
      const { run, close } = createCompiledFunctions(nativeBackend(), {
        parts: 2,
        onEager(what, reason) {
          throw new Error(`"${what}" was not compiled: ${reason}`);
        },
      });
      const of = { ...createSmallModel(trainings[name]), run, batch: fixed };
      const [alone, ...others] = await reconstructSeventh(of, {});
      others.forEach((other) => expect(other).toEqual(alone));
      close();
    },
  );
});
