import { describe, expect, it } from 'vitest';
import { convert, samplePath, targetOf } from '../../../main/engine/path/affine.ts';
import { linearPath } from '../../../main/engine/path/linear.ts';
import { paths } from '../../../main/engine/path/registry.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const start = wave('start', [3, 2, 3]);
const data = wave('data', [3, 2, 3]);

function sampleAt(times: readonly number[]) {
  return samplePath(linearPath, { start, data, time: tf.tensor1d([...times]) });
}

describe('the linear path', () => {
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

  it('turns the target of either prediction into one and the same velocity', () => {
    const sample = sampleAt([0, 0.5, 0.95]);
    const velocity = tf.sub(data, start);
    for (const prediction of ['velocity', 'data'] as const) {
      const target = targetOf(linearPath, sample, prediction);
      expectClose(
        convert(linearPath, { value: target, from: prediction, to: 'velocity', ...sample }),
        velocity,
      );
    }
    expect(numbersOf(targetOf(linearPath, sample, 'data'))).toEqual(numbersOf(data));
  });

  it('divides by nothing near its end: the velocity towards the data stays finite', () => {
    const sample = sampleAt([1, 1 - 1e-7, 0.9999]);
    const velocity = convert(linearPath, { value: start, from: 'data', to: 'velocity', ...sample });
    expect(numbersOf(velocity).every(Number.isFinite)).toBe(true);
    expectClose(
      convert(linearPath, { value: sample.state, from: 'data', to: 'velocity', ...sample }),
      tf.zeros([3, 2, 3]),
    );
  });

  it('still points at the data at a ten-thousandth of the way before them', () => {
    const sample = sampleAt([0.9999, 0.9999, 0.9999]);
    expectClose(
      convert(linearPath, { value: data, from: 'data', to: 'velocity', ...sample }),
      tf.sub(data, start),
      1e-2,
    );
  });

  it('is what a configuration calls linear', () => {
    expect(paths.linear).toBe(linearPath);
  });
});
