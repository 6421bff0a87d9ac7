import { describe, expect, it } from 'vitest';
import {
  convertPrediction,
  dataPerPrediction,
  type Factor,
  type Prediction,
  samplePath,
  startFrom,
  targetOf,
} from '../../../main/engine/path/affine.ts';
import { linearPath, paths } from '../../../main/engine/path/schedules.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const kinds = ['linear', 'cosine', 'variance-preserving'] as const;
const predictions: readonly Prediction[] = ['velocity', 'data', 'noise', 'v', 'score'];
const pairs = predictions.flatMap((from) => predictions.map((to) => ({ from, to })));
const [start, data] = [wave('start', [3, 2, 3]), wave('data', [3, 2, 3])];
/** Times away from both ends, where some predictions do not determine the others. */
const inner = tf.tensor1d([0.25, 0.5, 0.75]);

function numberOf(factor: Factor): number {
  return typeof factor === 'number' ? factor : numbersOf(factor)[0];
}

function coefficientsAt(kind: (typeof kinds)[number], time: number) {
  const { alpha, sigma, alphaRate, sigmaRate } = paths[kind].coefficients(tf.tensor1d([time]));
  return {
    alpha: numberOf(alpha),
    sigma: numberOf(sigma),
    alphaRate: numberOf(alphaRate),
    sigmaRate: numberOf(sigmaRate),
  };
}

describe.each(kinds)('the %s path', (kind) => {
  const path = paths[kind];

  it('ends at the data exactly and begins at the start, or very close to it', () => {
    const ends = samplePath(path, { start, data, time: tf.tensor1d([0, 1, 1]) });
    expectClose(tf.slice(ends.state, 1, 2), tf.slice(data, 1, 2), 1e-6);
    expectClose(
      tf.slice(ends.state, 0, 1),
      tf.slice(start, 0, 1),
      kind === 'variance-preserving' ? 0.01 : 1e-7,
    );
    expect(coefficientsAt(kind, 1)).toMatchObject({ sigma: 0 });
  });

  it('has the velocity target as its derivative in t', () => {
    const step = 2 ** -7;
    const stateAt = (shift: number) => samplePath(path, { start, data, time: tf.add(inner, shift) }).state;
    // Differences of fourth order, which are accurate to single precision on curved paths too.
    const near = tf.mul(tf.sub(stateAt(step), stateAt(-step)), 8);
    const difference = tf.div(tf.sub(near, tf.sub(stateAt(2 * step), stateAt(-2 * step))), 12 * step);
    const sample = samplePath(path, { start, data, time: inner });
    expectClose(difference, targetOf(path, sample, 'velocity'), 2e-4);
  });

  it.each(pairs)('converts the target of $from into that of $to', ({ from, to }) => {
    const sample = samplePath(path, { start, data, time: inner });
    const value = targetOf(path, sample, from);
    expectClose(convertPrediction(path, { value, from, to, ...sample }), targetOf(path, sample, to), 1e-5);
  });

  it.each(pairs)('converts any prediction of $from into $to and back', ({ from, to }) => {
    const { state } = samplePath(path, { start, data, time: inner });
    const value = wave('prediction', [3, 2, 3]);
    const converted = convertPrediction(path, { value, from, to, state, time: inner });
    expectClose(
      convertPrediction(path, { value: converted, from: to, to: from, state, time: inner }),
      value,
      5e-5,
    );
  });

  it.each(predictions)('knows how much the data change if the prediction of %s changes by one', (from) => {
    const { state } = samplePath(path, { start, data, time: inner });
    const dataOf = (value: number) =>
      convertPrediction(path, { value: tf.fill([3, 2, 3], value), from, to: 'data', state, time: inner });
    const slope = tf.abs(dataPerPrediction(from, path.coefficients(inner)) as number);
    expectClose(tf.abs(tf.sub(dataOf(1), dataOf(0))), tf.mul(slope, tf.onesLike(state)), 1e-5);
  });

  it('stays finite at its ends for every prediction that it can be trained with', () => {
    const time = tf.tensor1d([0, 1 - 1e-7, 1]);
    const { state } = samplePath(path, { start, data, time });
    const from: Prediction = kind === 'variance-preserving' ? 'noise' : 'velocity';
    for (const trained of [from, 'data', 'v'] as const) {
      for (const to of predictions) {
        const found = convertPrediction(path, { value: data, from: trained, to, state, time });
        expect(numbersOf(found).every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('the coefficients', () => {
  it('are t and 1 − t on the linear path', () => {
    expect(coefficientsAt('linear', 0.25)).toEqual({ alpha: 0.25, sigma: 0.75, alphaRate: 1, sigmaRate: -1 });
  });

  it('preserve the variance on the other two paths: α² + σ² = 1', () => {
    for (const kind of ['cosine', 'variance-preserving'] as const)
      for (const time of [0, 0.1, 0.5, 0.9, 1]) {
        const { alpha, sigma } = coefficientsAt(kind, time);
        expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 6);
      }
  });

  it('are sine and cosine of πt / 2 on the cosine path', () => {
    expect(coefficientsAt('cosine', 1 / 3).alpha).toBeCloseTo(0.5, 6);
    expect(coefficientsAt('cosine', 1 / 3).sigma).toBeCloseTo(Math.sqrt(3) / 2, 6);
  });

  it('decay by the integral of β from 0.1 to 20 on the path of the VP-SDE', () => {
    expect(coefficientsAt('variance-preserving', 0).alpha).toBeCloseTo(Math.exp(-10.05 / 2), 7);
    expect(coefficientsAt('variance-preserving', 0.5).alpha).toBeCloseTo(Math.exp(-(0.05 + 19.9 / 8) / 2), 6);
  });
});

describe('the linear path', () => {
  const start = wave('start', [3, 2, 3]);
  const data = wave('data', [3, 2, 3]);

  function sampleAt(times: readonly number[]) {
    return samplePath(linearPath, { start, data, time: tf.tensor1d([...times]) });
  }

  it('is the start at t = 0 and the data at t = 1, each image at its own time', () => {
    expect(numbersOf(sampleAt([0, 0, 0]).state)).toEqual(numbersOf(start));
    expect(numbersOf(sampleAt([1, 1, 1]).state)).toEqual(numbersOf(data));
    const [first, second, third] = tf.split(sampleAt([0, 0.25, 1]).state, 3);
    expect(numbersOf(first)).toEqual(numbersOf(tf.slice(start, 0, 1)));
    const mixed = tf.add(tf.mul(tf.slice(start, 1, 1), 0.75), tf.mul(tf.slice(data, 1, 1), 0.25));
    expectClose(second, mixed, 1e-6);
    expect(numbersOf(third)).toEqual(numbersOf(tf.slice(data, 2, 1)));
  });

  it('has the velocity target as its derivative in t', () => {
    const step = 2 ** -7;
    const difference = tf.sub(
      sampleAt([0.25 + step, 0.5 + step, 0.75 + step]).state,
      sampleAt([0.25 - step, 0.5 - step, 0.75 - step]).state,
    );
    const sample = sampleAt([0.25, 0.5, 0.75]);
    expectClose(tf.div(difference, 2 * step), targetOf(linearPath, sample, 'velocity'));
  });

  it('converts the target of either prediction into the same velocity', () => {
    const sample = sampleAt([0, 0.5, 0.95]);
    const velocity = tf.sub(data, start);
    for (const prediction of ['velocity', 'data'] as const) {
      const target = targetOf(linearPath, sample, prediction);
      expectClose(
        convertPrediction(linearPath, { value: target, from: prediction, to: 'velocity', ...sample }),
        velocity,
      );
    }
    expect(numbersOf(targetOf(linearPath, sample, 'data'))).toEqual(numbersOf(data));
  });

  it('does not divide by zero near its end: the velocity towards the data stays finite', () => {
    const sample = sampleAt([1, 1 - 1e-7, 0.9999]);
    const velocity = convertPrediction(linearPath, { value: start, from: 'data', to: 'velocity', ...sample });
    expect(numbersOf(velocity).every(Number.isFinite)).toBe(true);
    expectClose(
      convertPrediction(linearPath, { value: sample.state, from: 'data', to: 'velocity', ...sample }),
      tf.zeros([3, 2, 3]),
    );
  });

  it('still points at the data at t = 0.9999', () => {
    const sample = sampleAt([0.9999, 0.9999, 0.9999]);
    expectClose(
      convertPrediction(linearPath, { value: data, from: 'data', to: 'velocity', ...sample }),
      tf.sub(data, start),
      1e-2,
    );
  });

  it('is registered as linear', () => {
    expect(paths.linear).toBe(linearPath);
  });
});

const noise = tf.tensor3d([1, -2, 0], [1, 1, 3]);
const estimate = tf.tensor3d([0.5, 0.25, 1], [1, 1, 3]);

function sampleStart(path: RunConfigInput['path'], given: typeof estimate | undefined = estimate): number[] {
  return numbersOf(startFrom(runConfigSchema.parse({ path }).path, { noise, estimate: given }));
}

describe('the start of the path', () => {
  it('is noise of the configured standard deviation', () => {
    expect(sampleStart({ startNoise: 0.5 })).toEqual([0.5, -1, 0]);
    expect(sampleStart({}, undefined)).toEqual([1, -2, 0]);
  });

  it('is centred on the classical estimate if the path starts there', () => {
    expect(sampleStart({ start: 'classical', startNoise: 0.5 })).toEqual([1, -0.75, 1]);
  });
});
