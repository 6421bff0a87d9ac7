import { describe, expect, it } from 'vitest';
import { paths } from '../../../main/engine/path/schedules.ts';
import { timeGrid } from '../../../main/engine/solver/timeGrid.ts';
import { type SamplerConfig, samplerSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';

type Kind = keyof typeof paths;

function gridOf(settings: Partial<SamplerConfig>, kind: Kind = 'linear'): readonly number[] {
  return timeGrid(samplerSchema.parse(settings), paths[kind]);
}

describe('a time grid', () => {
  it.each(samplerSchema.shape.grid.unwrap().options)(
    'rises from 0 to 1 in as many steps as asked for: %s',
    (grid) => {
      for (const kind of Object.keys(paths) as Kind[])
        for (const steps of [1, 2, 3, 40]) {
          const times = gridOf({ grid, steps }, kind);
          expect(times).toHaveLength(steps + 1);
          expect([times[0], times[steps]]).toEqual([0, 1]);
          times.slice(1).forEach((time, index) => expect(time).toBeGreaterThan(times[index]));
        }
    },
  );

  it('is uniform in equal steps', () => {
    expect(gridOf({ steps: 4 })).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('follows half a cosine, short at both ends', () => {
    expectClose(gridOf({ grid: 'cosine', steps: 3 }), [0, 0.25, 0.75, 1], 1e-12);
  });

  it('is shifted towards the noise: time left τ becomes 3τ / (1 + 2τ)', () => {
    expectClose(gridOf({ grid: 'shifted', steps: 4 }), [0, 1 / 10, 1 / 4, 1 / 2, 1], 1e-12);
    expect(gridOf({ grid: 'shifted', gridShift: 1, steps: 4 })).toEqual(gridOf({ steps: 4 }));
  });

  it.each(Object.keys(paths) as Kind[])('has the noise levels of EDM along the %s path', (kind) => {
    const inner = gridOf({ grid: 'edm', steps: 8 }, kind).slice(1, -1);
    const { alpha, sigma } = paths[kind].coefficients(tf.tensor1d([...inner]));
    const roots = numbersOf(tf.pow(tf.div(sigma, alpha), 1 / 7));
    const [from, to] = [80 ** (1 / 7), 0.002 ** (1 / 7)];
    expectClose(
      roots,
      inner.map((_, index) => from + ((index + 1) / 7) * (to - from)),
      1e-3,
    );
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses %s steps', (steps) => {
    const settings = { ...samplerSchema.parse({}), steps };
    expect(() => timeGrid(settings, paths.linear)).toThrow(`Found ${steps} solver steps`);
  });
});
