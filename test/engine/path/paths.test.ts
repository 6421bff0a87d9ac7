import { describe, expect, it } from 'vitest';
import { convert, dataPerPrediction, samplePath, targetOf } from '../../../main/engine/path/affine.ts';
import type { Factor, Prediction } from '../../../main/engine/path/path.ts';
import { paths } from '../../../main/engine/path/registry.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const kinds = ['linear', 'cosine', 'variance-preserving'] as const;
const predictions: readonly Prediction[] = ['velocity', 'data', 'noise', 'v', 'score'];
const pairs = predictions.flatMap((from) => predictions.map((to) => ({ from, to })));
const [start, data] = [wave('start', [3, 2, 3]), wave('data', [3, 2, 3])];
/** Away from both ends, where some predictions say nothing of the others. */
const inner = tf.tensor1d([0.25, 0.5, 0.75]);

function numberOf(factor: Factor): number {
  return typeof factor === 'number' ? factor : numbersOf(factor)[0];
}

function at(kind: (typeof kinds)[number], time: number) {
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

  it('ends at the data themselves and begins at the start, or very near it', () => {
    const ends = samplePath(path, { start, data, time: tf.tensor1d([0, 1, 1]) });
    expectClose(tf.slice(ends.state, 1, 2), tf.slice(data, 1, 2), 1e-6);
    expectClose(
      tf.slice(ends.state, 0, 1),
      tf.slice(start, 0, 1),
      kind === 'variance-preserving' ? 0.01 : 1e-7,
    );
    expect(at(kind, 1)).toMatchObject({ sigma: 0 });
  });

  it('has the velocity target as its derivative in t', () => {
    const step = 2 ** -7;
    const stateAt = (shift: number) => samplePath(path, { start, data, time: tf.add(inner, shift) }).state;
    // Fourth order, so that the curved paths are within single precision too.
    const near = tf.mul(tf.sub(stateAt(step), stateAt(-step)), 8);
    const difference = tf.div(tf.sub(near, tf.sub(stateAt(2 * step), stateAt(-2 * step))), 12 * step);
    const sample = samplePath(path, { start, data, time: inner });
    expectClose(difference, targetOf(path, sample, 'velocity'), 2e-4);
  });

  it.each(pairs)('turns the target of $from into that of $to', ({ from, to }) => {
    const sample = samplePath(path, { start, data, time: inner });
    const value = targetOf(path, sample, from);
    expectClose(convert(path, { value, from, to, ...sample }), targetOf(path, sample, to), 1e-5);
  });

  it.each(pairs)('turns anything said as $from into $to and back', ({ from, to }) => {
    const { state } = samplePath(path, { start, data, time: inner });
    const value = wave('said', [3, 2, 3]);
    const there = convert(path, { value, from, to, state, time: inner });
    expectClose(convert(path, { value: there, from: to, to: from, state, time: inner }), value, 5e-5);
  });

  it.each(predictions)('knows how far off the data are where %s is off by one', (from) => {
    const { state } = samplePath(path, { start, data, time: inner });
    const dataOf = (value: number) =>
      convert(path, { value: tf.fill([3, 2, 3], value), from, to: 'data', state, time: inner });
    const slope = tf.abs(dataPerPrediction(from, path.coefficients(inner)) as number);
    expectClose(tf.abs(tf.sub(dataOf(1), dataOf(0))), tf.mul(slope, tf.onesLike(state)), 1e-5);
  });

  it('stays finite at its ends in the words it can be trained with', () => {
    const time = tf.tensor1d([0, 1 - 1e-7, 1]);
    const { state } = samplePath(path, { start, data, time });
    const from: Prediction = kind === 'variance-preserving' ? 'noise' : 'velocity';
    for (const said of [from, 'data', 'v'] as const) {
      for (const to of predictions) {
        const found = convert(path, { value: data, from: said, to, state, time });
        expect(numbersOf(found).every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('the coefficients', () => {
  it('of the straight path are t and 1 − t', () => {
    expect(at('linear', 0.25)).toEqual({ alpha: 0.25, sigma: 0.75, alphaRate: 1, sigmaRate: -1 });
  });

  it('keep the variance along the other two: α² + σ² = 1', () => {
    for (const kind of ['cosine', 'variance-preserving'] as const)
      for (const time of [0, 0.1, 0.5, 0.9, 1]) {
        const { alpha, sigma } = at(kind, time);
        expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 6);
      }
  });

  it('of the cosine path are sine and cosine of a quarter turn', () => {
    expect(at('cosine', 1 / 3).alpha).toBeCloseTo(0.5, 6);
    expect(at('cosine', 1 / 3).sigma).toBeCloseTo(Math.sqrt(3) / 2, 6);
  });

  it('of the VP-SDE decay by the integral of β from 0.1 to 20', () => {
    expect(at('variance-preserving', 0).alpha).toBeCloseTo(Math.exp(-10.05 / 2), 7);
    expect(at('variance-preserving', 0.5).alpha).toBeCloseTo(Math.exp(-(0.05 + 19.9 / 8) / 2), 6);
  });
});
