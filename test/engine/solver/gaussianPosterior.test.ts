import { describe, expect, it } from 'vitest';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { type PathConfig, runConfigSchema, methodOf } from '../../../shared/config/config.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { numbersOf, wave } from '../field/waves.ts';
import { dot, exactField, pixels, posteriorOf, samplesOf } from './gaussianPosterior.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

const observed = [0, 7, 13, 16, 24];
const values = [0.9, 0.2, 0.5, 0.7, 0.1];
const posterior = posteriorOf(observed, values);
const images = 320;

const flow = { kind: 'linear', prediction: 'velocity' } as const;
const denoiser = { kind: 'cosine', prediction: 'v' } as const;
const score = { kind: 'variance-preserving', prediction: 'noise' } as const;

function normals(draw: number) {
  const size = images * pixels * 3;
  return tf.tensor(randomNormals({ seed: 5, stream: 'solver', step: draw }, size), [images, pixels, 3]);
}

/** Three channels of each image: as many independent samples of one and the same field. */
function sample(path: Case['path'], plan: SamplingPlan, of = posterior): number[][] {
  const config = runConfigSchema.parse({ path }).path;
  const coords = wave('coords', [images, pixels, 2]);
  const sampled = tf.tidy(() =>
    sampleField(
      {
        field: exactField(of, config),
        parameters: {},
        path: config,
        context: { observedCoords: coords, observedValues: coords, queryCoords: coords },
        start: normals(1_000_000),
        drawNoise: normals,
      },
      plan,
    ),
  );
  return samplesOf(sampled);
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Single pixels, and sums over the image that depend on its correlations. */
const directions = [
  ...[1, 12, 20].map((pixel) => Array.from({ length: pixels }, (_, index) => Number(index === pixel))),
  ...['smooth', 'rough', 'other'].map((name) => numbersOf(wave(name, [pixels]))),
  new Array<number>(pixels).fill(1),
];

function varianceAlong(direction: readonly number[]): number {
  return dot(
    direction,
    posterior.covariance.map((row) => dot(row, direction)),
  );
}

interface Case {
  readonly path: Pick<PathConfig, 'kind' | 'prediction'>;
  readonly plan: SamplingPlan;
}

describe('samples of an exact field agree with kriging', () => {
  it.each<Case>([
    { path: flow, plan: { solver: 'euler', steps: 200 } },
    { path: flow, plan: { solver: 'heun', steps: 40 } },
    { path: flow, plan: { solver: 'midpoint', steps: 40 } },
    { path: flow, plan: { solver: 'rk4', steps: 20 } },
    { path: flow, plan: { solver: 'dopri5', steps: 20, tolerance: 1e-4 } },
    { path: flow, plan: { solver: 'heun', steps: 80, grid: 'shifted' } },
    { path: flow, plan: { solver: 'ancestral', steps: 300 } },
    { path: { kind: 'linear', prediction: 'data' }, plan: { solver: 'heun', steps: 40 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 100 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 200, eta: 0.5 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 200, eta: 1 } },
    { path: denoiser, plan: { solver: 'midpoint', steps: 60 } },
    { path: { kind: 'cosine', prediction: 'data' }, plan: { solver: 'heun', steps: 40, grid: 'cosine' } },
    { path: score, plan: { solver: 'ancestral', steps: 300 } },
    { path: score, plan: { solver: 'langevin', steps: 150 } },
    { path: score, plan: { solver: 'langevin', steps: 100, correctorSteps: 2, correctorRatio: 0.1 } },
    { path: score, plan: { solver: 'ddim', steps: 50, grid: 'edm' } },
    { path: score, plan: { solver: 'heun', steps: 40, grid: 'edm' } },
    { path: score, plan: { solver: 'dopri5', steps: 20, tolerance: 1e-4 } },
  ])('$path.kind, $path.prediction, $plan.solver with $plan.steps steps', ({ path, plan }) => {
    const samples = sample(path, plan);
    const count = samples.length;
    for (const direction of directions) {
      const along = samples.map((row) => dot(row, direction));
      const [expected, variance] = [dot(posterior.mean, direction), varianceAlong(direction)];
      // Four standard errors of sampling, and two hundredths for the steps' size.
      const error = mean(along) - expected;
      expect(Math.abs(error) / Math.sqrt(variance)).toBeLessThan(4 / Math.sqrt(count) + 0.02);
      const found = mean(along.map((value) => (value - expected) ** 2));
      expect(Math.abs(found / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count) + 0.02);
    }
    // A solver that follows a velocity to the end misses the certain values slightly.
    const tolerance = path.prediction === 'velocity' || plan.solver === 'midpoint' ? 0.1 : 2e-3;
    const exact = samples.flatMap((row) => observed.map((pixel, index) => row[pixel] - values[index]));
    expect(Math.max(...exact.map(Math.abs))).toBeLessThan(tolerance);
  });

  it('so that the mean of N of them errs by (1 + 1/N) times the least mean squared error', () => {
    const samples = sample(flow, { solver: 'heun', steps: 30 });
    const trace = posterior.covariance.reduce((sum, row, index) => sum + row[index], 0);
    for (const size of [1, 4, 16]) {
      const groups = Array.from({ length: samples.length / size }, (_, group) =>
        samples.slice(group * size, (group + 1) * size),
      );
      const spread = mean(
        groups.map((group) =>
          posterior.mean.reduce(
            (sum, value, pixel) => sum + (mean(group.map((row) => row[pixel])) - value) ** 2,
            0,
          ),
        ),
      );
      // The truth itself lies `trace` away from the posterior mean, independently.
      expect((trace + spread) / trace).toBeCloseTo(1 + 1 / size, 1);
    }
  });

  it('and one step to the expected data is kriging itself, by every method', () => {
    for (const path of [flow, denoiser, score]) {
      const found = sample(path, { solver: 'ddim', steps: 1 });
      const tolerance = path === score ? 0.02 : 1e-4;
      for (const row of found.slice(0, 20))
        row.forEach((value, pixel) =>
          expect(Math.abs(value - posterior.mean[pixel])).toBeLessThan(tolerance),
        );
    }
  });
});

describe('the ancestral step without its drift', () => {
  it('leaves its samples behind the data: too dark by a twentieth where nothing is observed', () => {
    const unseen = posteriorOf([], []);
    const brightness = (solver: 'ancestral' | 'ancestral-undrifted') =>
      mean(sample(score, { solver, steps: 100 }, unseen).map(mean)) / 0.5;
    expect(brightness('ancestral')).toBeCloseTo(1, 1);
    expect(brightness('ancestral')).toBeGreaterThan(0.97);
    expect(brightness('ancestral-undrifted')).toBeLessThan(0.95);
  });
});

describe('methodOf', () => {
  it('names the three methods by path and prediction', () => {
    expect([flow, denoiser, score].map(methodOf)).toEqual(['flow', 'denoiser', 'score']);
    expect(methodOf({ kind: 'linear', prediction: 'data' })).toBe('flow');
    expect(methodOf({ kind: 'cosine', prediction: 'velocity' })).toBe('flow');
    expect(methodOf({ kind: 'variance-preserving', prediction: 'score' })).toBe('score');
  });
});
