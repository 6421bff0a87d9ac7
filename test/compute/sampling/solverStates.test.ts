import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { evaluateModel } from '../../../main/compute/evaluation/evaluateModel.ts';
import type { LoadedModel } from '../../../main/compute/modelCheckpoint.ts';
import {
  sampleChunks,
  type SampleChunksOptions,
  type SampledChunk,
} from '../../../main/compute/sampling/reconstructImages.ts';
import { noiseKey } from '../../../main/compute/sampling/sampleNoise.ts';
import { createStateKeeper } from '../../../main/compute/sampling/solverStates.ts';
import { estimateObservation } from '../../../main/engine/classical/maskEstimator.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';
import { samplerSchema, solverNames } from '../../../shared/config/samplerConfig.ts';
import { imageAt, pasteObserved } from '../../../shared/images/image.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { createSmallModel, imageSize, createRandomImages } from '../smallModel.ts';

const model = createSmallModel();
const size = imageSize ** 2 * 3;
const watch = { images: 100, states: 9 };
/** A coarse tolerance, because an untrained network of waves would need hundreds of adaptive steps otherwise. */
const tolerance = 0.1;

async function sample(
  plan: SamplingPlan,
  changes: Partial<SampleChunksOptions> = {},
  of: LoadedModel = model,
): Promise<SampledChunk[]> {
  const chunks: SampledChunk[] = [];
  const options = { ...createRandomImages(2), plan, seed: 42, samples: [0, 1], watch, ...changes };
  for await (const chunk of sampleChunks(of, options)) chunks.push(chunk);
  return chunks;
}

const clamp = (values: Float32Array) => values.map((value) => Math.min(1, Math.max(0, value)));
const startingFrom = (start: 'classical' | 'noise'): LoadedModel => ({
  ...model,
  config: { ...model.config, path: { ...model.config.path, start } },
});

describe('the states of a sample', () => {
  it.each(solverNames)(
    'run from the start to the sample itself with %s, and are at most nine',
    async (solver) => {
      const [{ states, samples }] = await sample({ solver, steps: 10, tolerance }, { samples: [0] });
      states.forEach((ofImage, image) => {
        const times = ofImage.map(({ time }) => time);
        expect(times.length).toBeLessThanOrEqual(9);
        expect([times[0], times.at(-1)]).toEqual([0, 1]);
        times.slice(1).forEach((time, index) => expect(time).toBeGreaterThan(times[index]));
        const result = samples[0].subarray(image * size, (image + 1) * size);
        expect(clamp(ofImage[ofImage.length - 1].values)).toEqual(result);
      });
      expect(states).toHaveLength(2);
    },
  );

  it('are all states of a solver with few steps', async () => {
    const [{ states }] = await sample({ solver: 'euler', steps: 4, grid: 'uniform' });
    expect(states[0].map(({ time }) => time)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it.each(['classical', 'noise'] as const)(
    'begin with the start from %s, bit for bit as in the solver',
    async (start) => {
      const starts: Float32Array[] = [];
      const of = startingFrom(start);
      const [{ states }] = await sample(
        { solver: 'heun', steps: 2 },
        { samples: [0] },
        {
          ...of,
          run(name, call) {
            const { state } = call.inputs as { readonly state?: Tensor };
            if (name === 'predict' && state) starts.push(state.dataSync().slice() as Float32Array);
            return of.run(name, call);
          },
        },
      );
      expect(states.flatMap(([{ values }]) => [...values])).toEqual([...starts[0]]);
      const { startNoise } = of.config.path;
      createRandomImages(2).observations.forEach((observation, image) => {
        const noise = randomNormals(
          noiseKey({ seed: 42, image, sample: 0 }, { stream: 'sampling', draw: 0 }),
          size,
        );
        const estimate =
          start === 'classical' ? estimateObservation('thin-plate', observation) : new Float32Array(size);
        const found = states[image][0].values;
        found.forEach((value, index) =>
          expect(value).toBeCloseTo(estimate[index] + startNoise * noise[index], 5),
        );
      });
    },
  );

  it('do not change the samples', async () => {
    for (const solver of ['heun', 'dopri5', 'ancestral'] as const) {
      const plan = { solver, steps: 3, tolerance: 3 };
      const [watched] = await sample(plan, { samples: [0] });
      const [alone] = await sample(plan, { samples: [0], watch: undefined });
      expect(watched.samples).toEqual(alone.samples);
      expect(alone.states).toEqual([]);
    }
  });

  it('are recorded neither beyond the images that are kept nor for a self-ensemble', async () => {
    const plan = { solver: 'euler', steps: 1 } as const;
    const chunks = await sample(plan, {
      ...createRandomImages(17),
      samples: [0],
      watch: { images: 16, states: 9 },
    });
    expect(chunks.map(({ states }) => states.length)).toEqual([16, 0]);
    expect(chunks[0].states.map((ofImage) => ofImage.length)).toEqual(Array(16).fill(2));
    const [mean] = await sample(plan, { symmetries: 2 });
    expect(mean.states).toEqual([]);
  });
});

describe('an evaluation', () => {
  const { images, observations, indices } = createRandomImages(2);
  const protocol = { ...exampleEvaluation.protocol, imageSize };

  /** Evaluates plans; returns the last states of rows that have some, and the images of all rows. */
  async function evaluate(plans: readonly SamplingPlan[], samples: number, of = model) {
    let taken: SampledChunk[] = [];
    const results = new Map<string, Float32Array>();
    const watched = new Map<string, Float32Array>();
    await evaluateModel(of, {
      data: { truth: images, observations, indices, protocol },
      plans,
      samples,
      seed: 42,
      onProgress: () => undefined,
      stateListener: { ...watch, take: (chunk) => taken.push(chunk) },
      onReconstructed(method, { values }) {
        results.set(method, values);
        const last = taken.at(-1)?.states.flatMap((ofImage) => [...(ofImage.at(-1)?.values ?? [])]);
        if (last) watched.set(method, clamp(Float32Array.from(last)));
        taken = [];
      },
    });
    return { results, watched };
  }

  it('passes on only the states of the first sample, which end with the images that its row scores', async () => {
    const { results, watched } = await evaluate([{ solver: 'heun', steps: 3 }], 2);
    expect([...watched.keys()]).toEqual(['flow · one sample (heun)']);
    const [[method, last]] = watched;
    observations.forEach((observation, image) =>
      pasteObserved(imageAt({ ...images, values: last }, image).values, observation),
    );
    expect(last).toEqual(results.get(method));
  });

  it('keeps only the states of the run’s own plan among several, or none', async () => {
    const own = samplerSchema.parse({ ...model.config.sampler, solver: 'heun', steps: 2 });
    const of = { ...model, config: { ...model.config, sampler: own } };
    const plans = [1, 2, 3].map((steps) => ({ solver: 'heun', steps }) as const);
    expect([...(await evaluate(plans, 1, of)).watched.keys()]).toEqual(['flow · one sample (heun 2)']);
    expect([...(await evaluate([plans[0], plans[2]], 1, of)).watched.keys()]).toEqual([]);
  });
});

/** Returns the steps that are kept of `count`, with their places; the start is step 0. */
function selectSteps(count: number, most: number): (readonly [number, number])[] {
  const keep = createStateKeeper(most);
  return Array.from({ length: count + 1 }, (_, index) => index).flatMap((index) => {
    const place = keep({ index, count: index === 0 ? null : count, time: index / count });
    return place === null ? [] : [[index, place] as const];
  });
}

describe('the states that are kept', () => {
  it('are all of them if they are few', () => {
    expect(selectSteps(1, 9)).toEqual([
      [0, 0],
      [1, 8],
    ]);
    expect(selectSteps(5, 9).map(([index]) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each([8, 10, 19, 100, 1000])(
    'are nine of %i steps, evenly spread, including the start and the end',
    (count) => {
      const kept = selectSteps(count, 9);
      expect(kept.map(([, place]) => place)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      kept.forEach(([index, place]) => expect(Math.abs(index - (place * count) / 8)).toBeLessThan(1));
      expect([kept[0][0], kept[8][0]]).toEqual([0, count]);
    },
  );

  it('are chosen by time if the number of steps is unknown', () => {
    const keep = createStateKeeper(5);
    const places = [0, 0.1, 0.3, 0.4, 0.9, 0.999].map((time, index) => keep({ index, count: null, time }));
    expect(places).toEqual([0, null, 1, null, 3, null]);
    // The final step reports that it is the last.
    expect(keep({ index: 6, count: 6, time: 1 })).toBe(4);
  });
});
