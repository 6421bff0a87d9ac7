import { describe, expect, it } from 'vitest';
import { analyseSweep, type ScoredMember } from '../../../shared/sweep/analyseSweep.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { exampleSpec } from './exampleSweep.ts';

const spec = exampleSpec();
const rates = [1e-3, 2e-3, 4e-3];
const dims = [32, 64];

/** Scores of all settings by a function of learning rate, width and seed. */
function membersOf(
  score: (rate: number, dim: number, seed: number) => number | null,
  seeds = [1, 2, 3],
): ScoredMember[] {
  return seeds.flatMap((seed) =>
    rates.flatMap((rate, row) =>
      dims.map((dim, column) => ({
        setting: row * dims.length + column,
        values: { 'optim.learningRate': rate, 'field.dim': dim },
        seed,
        score: score(rate, dim, seed),
        nfe: 1,
        processSeconds: dim,
      })),
    ),
  );
}

describe('the analysis of a sweep', () => {
  it('ranks settings in the better direction of the metric, those without a score last', () => {
    const members = membersOf((rate, dim) => (rate === 1e-3 ? null : 1000 * rate + dim / 100));
    const best = analyseSweep(members, spec);
    expect(best.settings.map(({ setting }) => setting)).toEqual([5, 4, 3, 2, 0, 1]);
    expect(best.best).toBe(5);
    const lowest = analyseSweep(members, exampleSpec({ objective: { metric: 'mse' } }));
    expect(lowest.best).toBe(2);
    expect(lowest.settings.at(-1)?.mean).toBeNull();
  });

  it('compares the best two settings in pairs of equal seeds, which cancels what the seeds have in common', () => {
    const shift = [0, 10, -10, 5];
    const spread = [0.1, -0.1, 0.1, -0.1];
    const members = membersOf(
      (rate, dim, seed) => {
        const own = dim === 64 && rate === 4e-3 ? 1 + spread[seed] : rate === 2e-3 && dim === 64 ? 0 : -50;
        return shift[seed] + own;
      },
      [0, 1, 2, 3],
    );
    const { lead } = analyseSweep(members, spec);
    expect(lead).toMatchObject({ method: 'paired by seed', setting: 3 });
    expect(lead?.difference).toBeCloseTo(1, 9);
    const half = (3.182446305284263 * Math.sqrt(0.04 / 3)) / 2;
    expect(lead?.interval?.[0]).toBeCloseTo(1 - half, 6);
    expect(lead?.probability).toBeGreaterThan(0.99);
  });

  it("uses Welch's t where the seeds differ, and says nothing of how surely for single seeds", () => {
    const member = (setting: number, seed: number, score: number): ScoredMember => ({
      setting,
      values: { 'field.dim': setting },
      seed,
      score,
      nfe: 1,
      processSeconds: 1,
    });
    const one = [member(0, 1, 3), member(0, 2, 5)];
    const other = [member(1, 3, 1), member(1, 4, 3)];
    const { lead } = analyseSweep([...one, ...other], spec);
    expect(lead).toMatchObject({ method: 'Welch', difference: 2 });
    // Both variances are 2, so that the error is √2 with 2 degrees of freedom: P(T ≤ √2) = ½ + √2 / (2 √(2 + 2)).
    expect(lead?.probability).toBeCloseTo(0.5 + Math.SQRT2 / 4, 12);
    const single = analyseSweep([member(0, 1, 3), member(1, 1, 2)], spec).lead;
    expect(single).toMatchObject({ difference: 1, interval: null, probability: null, method: null });
  });

  it('finds that a parameter explains everything, or nothing', () => {
    const noise = randomNormals({ seed: 2, stream: 'noise', step: 0 }, 100);
    const { importance } = analyseSweep(
      membersOf((rate, _, seed) => rates.indexOf(rate) * 10 + noise[seed] / 1000),
      spec,
    );
    expect(importance.map(({ paths }) => paths[0])).toEqual(['optim.learningRate', 'field.dim']);
    expect(importance[0].explained).toBeGreaterThan(0.99);
    expect(importance[1].explained).toBe(0);
    expect(importance[0].levels.map(({ label }) => label)).toEqual(['0.001', '0.002', '0.004']);
    expect(importance[0].interval?.[0]).toBeGreaterThan(0.9);
  });

  it('credits chance with nothing on average: ε² of random scores is near 0', () => {
    const explained = Array.from({ length: 200 }, (_, repeat) => {
      const noise = randomNormals({ seed: repeat, stream: 'noise', step: 0 }, 18);
      let next = 0;
      const { importance } = analyseSweep(
        membersOf(() => noise[next++]),
        spec,
      );
      return importance.find(({ axis }) => axis === 0)?.explained ?? 0;
    });
    const mean = explained.reduce((sum, value) => sum + value, 0) / explained.length;
    expect(mean).toBeLessThan(0.08);
  });

  it('groups many different numbers into ranges', () => {
    const members = Array.from({ length: 40 }, (_, setting): ScoredMember => ({
      setting,
      values: { 'optim.learningRate': (setting + 1) / 1000, 'field.dim': 32 },
      seed: 1,
      score: setting,
      nfe: 1,
      processSeconds: 1,
    }));
    const [first] = analyseSweep(members, spec).importance;
    expect(first.levels).toHaveLength(4);
    expect(first.levels.map(({ scored }) => scored)).toEqual([10, 10, 10, 10]);
    expect(first.levels[0].label).toBe('0.001 to 0.01');
    expect(first.explained).toBeGreaterThan(0.9);
  });
});
