import { afterEach, describe, expect, it, vi } from 'vitest';
import { clusters, colourPoints, drawData, exactVelocity } from '../../../renderer/models/method/toyData.ts';
import {
  createToyPainter,
  playFor,
  startOfPlay,
  timeOfPlay,
} from '../../../renderer/models/method/toyDrawing.ts';
import {
  energyDistance,
  fieldGrid,
  solve,
  straightnessOf,
  toyMethodNames,
  toyMethods,
  ToyModel,
  type ToySolver,
  toySolvers,
} from '../../../renderer/models/method/toyModel.ts';
import { ToyNetwork } from '../../../renderer/models/method/toyNetwork.ts';
import { printTheme } from '../../../renderer/models/charts/chartTheme.ts';
import { pathFactors } from '../../../shared/method/paths.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';

describe('the network of the toy', () => {
  it('has the gradient that finite differences of its loss have', () => {
    const network = new ToyNetwork(3, 6);
    network.parameters.set(
      randomNormals({ seed: 1, stream: 'noise', step: 0 }, network.parameters.length).map(
        (value) => value / 2,
      ),
    );
    const states = Float32Array.from([0.3, -0.8, 1.1, 0.4, -0.6, 0.2]);
    const times = Float32Array.from([0.1, 0.5, 0.9]);
    const lossOf = () => network.predict(states, times).reduce((sum, value) => sum + value ** 2, 0);
    network.propagate(network.predict(states, times).map((value) => 2 * value));
    const found = Array.from(network.gradient);
    const step = 2e-3;
    const expected = found.map((_, at) => {
      const { parameters } = network;
      const value = parameters[at];
      const moved = [value + step, value - step].map((changed) => {
        parameters[at] = changed;
        return lossOf();
      });
      parameters[at] = value;
      return (moved[0] - moved[1]) / (2 * step);
    });
    const largest = Math.max(...expected.map(Math.abs));
    found.forEach((slope, at) => expect(Math.abs(slope - expected[at])).toBeLessThan(2e-3 * largest));
  });

  it('is the same for the same seed', () => {
    expect(new ToyNetwork(4).parameters).toEqual(new ToyNetwork(4).parameters);
    expect(new ToyNetwork(4).parameters).not.toEqual(new ToyNetwork(5).parameters);
  });
});

describe('the exact field of the clusters', () => {
  it.each(['linear', 'cosine', 'variance-preserving'] as const)(
    'is the mean velocity of %s paths through a place',
    (kind) => {
      const time = 0.6;
      const count = 400_000;
      const data = drawData({ shape: 'clusters' }, { seed: 9, step: 0 }, count);
      const noise = randomNormals({ seed: 9, stream: 'noise', step: 0 }, 2 * count);
      const { alpha, sigma, alphaRate, sigmaRate } = pathFactors(kind, time);
      const place: [number, number] = [alpha * clusters.centres[0] + 0.2, alpha * clusters.centres[1] - 0.3];
      const sum = [0, 0, 0];
      for (let row = 0; row < count; row++) {
        const [x, y] = [0, 1].map((axis) => alpha * data[2 * row + axis] + sigma * noise[2 * row + axis]);
        if (Math.hypot(x - place[0], y - place[1]) > 0.06) continue;
        sum[2] += 1;
        for (const axis of [0, 1])
          sum[axis] += alphaRate * data[2 * row + axis] + sigmaRate * noise[2 * row + axis];
      }
      expect(sum[2]).toBeGreaterThan(300);
      const exact = exactVelocity(kind, place, time);
      for (const axis of [0, 1]) expect(Math.abs(sum[axis] / sum[2] - exact[axis])).toBeLessThan(0.12);
    },
  );
});

describe.each(toyMethodNames)('training the %s', (method) => {
  it('brings its velocity field closer to the exact one of the clusters', () => {
    const model = new ToyModel(method, { shape: 'clusters' }, 2);
    const errors = [0, 100, 300].map((step) => {
      while (model.steps < step) model.train();
      return model.fieldError();
    });
    expect(errors[1]).toBeLessThan(0.8 * errors[0]);
    expect(errors[2]).toBeLessThan(errors[1]);
  });

  it('is the same for the same seed', () => {
    const lossOf = () => {
      const model = new ToyModel(method, { shape: 'moons' }, 2);
      for (let step = 0; step < 5; step++) model.train();
      return model.loss;
    };
    expect(lossOf()).toBe(lossOf());
  });
});

describe('the solvers of the toy', () => {
  /** dx/dt = x + t, whose solution is (x₀ + 1) exp(t) − t − 1. */
  const errorOf = (solver: ToySolver, steps: number) => {
    const velocity = (states: Float32Array, time: number) => states.map((value) => value + time);
    const states = solve(velocity, Float32Array.from([1, 2]), { solver, steps, end: 1 });
    return Math.abs(states[steps][1] - (3 * Math.E - 2));
  };

  it.each([
    ['euler', 1, 16],
    ['heun', 2, 8],
    ['midpoint', 2, 8],
    ['rk4', 4, 2],
  ] as const)('%s has an error that falls with power %i of the step', (solver, order, steps) => {
    const ratio = errorOf(solver, steps) / errorOf(solver, 2 * steps);
    expect(Math.log2(ratio)).toBeGreaterThan(order - 0.4);
    expect(Math.log2(ratio)).toBeLessThan(order + 0.8);
  });

  it('evaluate the field as often as they say', () => {
    for (const [name, { evaluations }] of Object.entries(toySolvers)) {
      let calls = 0;
      const velocity = (states: Float32Array) => {
        calls += 1;
        return states;
      };
      solve(velocity, new Float32Array(2), { solver: name as ToySolver, steps: 3, end: 1 });
      expect(calls).toBe(3 * evaluations);
    }
  });
});

it('straightness is 1 for a straight trajectory, however its speed changes, and less for a bent one', () => {
  const points = (...values: number[]) => Float32Array.from(values);
  expect(straightnessOf([points(0, 0), points(1, 1), points(3, 3)])).toBeCloseTo(1, 6);
  expect(straightnessOf([points(0, 0), points(3, 0), points(3, 4)])).toBeCloseTo(5 / 7, 6);
});

it('the energy distance is small between samples of one distribution and large between two', () => {
  const moons = (step: number) => drawData({ shape: 'moons' }, { seed: 1, step }, 300);
  const board = drawData({ shape: 'checkerboard' }, { seed: 1, step: 0 }, 300);
  expect(energyDistance(moons(0), moons(1))).toBeLessThan(0.02);
  expect(energyDistance(moons(0), board)).toBeGreaterThan(0.03);
});

it('every distribution of the toy has about mean 0 and deviation 1', () => {
  for (const shape of ['moons', 'checkerboard', 'clusters'] as const) {
    const points = drawData({ shape }, { seed: 1, step: 0 }, 4000);
    for (const axis of [0, 1]) {
      const values = Array.from(points).filter((_, at) => at % 2 === axis);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(Math.abs(mean)).toBeLessThan(0.15);
      expect(Math.sqrt(square)).toBeGreaterThan(0.75);
      expect(Math.sqrt(square)).toBeLessThan(1.25);
    }
  }
});

it('colours of an image become standardised points, and a single colour is refused', () => {
  const pixels = Uint8ClampedArray.from([255, 0, 0, 255, 0, 0, 255, 255, 10, 200, 40, 255, 90, 90, 90, 255]);
  const points = colourPoints(pixels);
  for (const axis of [0, 1]) {
    const values = Array.from(points).filter((_, at) => at % 2 === axis);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / 4).toBeCloseTo(1, 5);
  }
  expect(() => colourPoints(new Uint8ClampedArray(16).fill(7))).toThrow(/one colour/);
});

it('the methods of the toy use the path and prediction of the presets with their names', async () => {
  const { presets } = await import('../../../shared/config/presets.ts');
  for (const name of ['denoiser', 'score'] as const) {
    const path = presets.find((preset) => preset.name === name)?.config.path;
    expect(path).toMatchObject({ kind: toyMethods[name].path, prediction: toyMethods[name].predicts });
  }
});

describe('the drawing of the toy', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** Counts the calls of each function of its context. */
  class CountingCanvas {
    width = 1;
    height = 1;
    readonly counts = new Map<string, number>();
    getContext() {
      const count = (name: string) => this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      return new Proxy({}, { get: (_, name) => () => count(String(name)), set: () => true });
    }
  }

  it('draws the data once for all frames and canvases, and again when they or the look change', () => {
    const layers: CountingCanvas[] = [];
    vi.stubGlobal(
      'OffscreenCanvas',
      class extends CountingCanvas {
        constructor() {
          super();
          layers.push(this);
        }
      },
    );
    const paint = createToyPainter();
    const states = [new Float32Array(256), new Float32Array(256).fill(1)];
    const learned = { states, lastTime: 1, field: [0, 1].map(() => new Float32Array(2 * 121).fill(1)) };
    const [data, other] = [new Float32Array(20), new Float32Array(20)];
    const look = { side: 200, ratio: 2, theme: printTheme };
    const draw = (points: Float32Array, chosen: typeof look, time: number) => {
      const canvas = new CountingCanvas();
      const unmeasured = { loss: 0, evaluations: 1, straightness: 1, distance: 0, fieldError: null };
      const plane = { learned: { ...learned, ...unmeasured }, data: points, time, grid: fieldGrid };
      paint(canvas as CountingCanvas & OffscreenCanvas, plane, chosen);
      return canvas;
    };
    const first = draw(data, look, 0);
    expect([first.width, first.counts.get('drawImage'), first.counts.get('arc')]).toEqual([400, 1, 128]);
    for (const time of [0.3, 0.6, 1]) draw(data, look, time);
    expect(layers.map(({ counts }) => counts.get('strokeRect'))).toEqual([10]);
    draw(other, look, 1);
    draw(other, { ...look }, 1);
    expect(layers).toHaveLength(3);
  });

  it('plays from the chosen time to the data, rests there and begins again', () => {
    expect(timeOfPlay(startOfPlay(0.4))).toBeCloseTo(0.4, 12);
    expect(startOfPlay(1)).toBe(0);
    expect([3, 3.5].map(timeOfPlay)).toEqual([1, 1]);
    expect(timeOfPlay(playFor(3.9, 0.4))).toBeCloseTo(0.1, 12);
  });
});
