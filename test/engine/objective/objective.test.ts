import { describe, expect, it } from 'vitest';
import {
  knownPixelWeight,
  lossWeight,
  matchingLoss,
  sampleTime,
} from '../../../main/engine/objective/loss.ts';
import { paths } from '../../../main/engine/path/schedules.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose } from '../field/waves.ts';

const times = [0, 0.2, 0.5, 0.8, 0.999];
/** α²/σ² along the cosine path. */
const ratios = times.map((time) => Math.tan((Math.PI / 2) * time) ** 2);

function weightOf(path: RunConfigInput['path'], objective: RunConfigInput['objective']) {
  const config = runConfigSchema.parse({ path, objective });
  return lossWeight(config, paths[config.path.kind].coefficients(tf.tensor1d(times)));
}

describe('lossWeight', () => {
  it('is undefined if the configuration has no weighting', () => {
    expect(weightOf({}, {})).toBeUndefined();
  });

  it('is the signal-to-noise ratio clipped to γ = 5 and to its floor if the data are predicted', () => {
    const path = { kind: 'cosine', prediction: 'data' } as const;
    expectClose(
      weightOf(path, { weighting: 'min-snr' }) ?? [],
      ratios.map((ratio) => Math.min(ratio, 5)),
    );
    expectClose(
      weightOf(path, { weighting: 'min-snr', snrLimit: 2, snrFloor: 1 }) ?? [],
      ratios.map((ratio) => Math.max(1, Math.min(ratio, 2))),
    );
  });

  it('gives the same error of the data the same weight, which is min(SNR, γ) / (SNR + 1) for v', () => {
    expectClose(
      weightOf({ kind: 'cosine', prediction: 'v' }, { weighting: 'min-snr' }) ?? [],
      ratios.map((ratio) => Math.min(ratio, 5) / (ratio + 1)),
    );
  });

  it('is min(SNR, γ) / SNR if the noise is predicted', () => {
    const { alpha, sigma } = paths['variance-preserving'].coefficients(tf.tensor1d(times));
    const ratio = tf.square(tf.div(alpha, sigma));
    expectClose(
      weightOf({ kind: 'variance-preserving', prediction: 'noise' }, { weighting: 'min-snr' }) ?? [],
      tf.div(tf.minimum(ratio, 5), ratio),
      1e-4,
    );
  });

  it('is σ² for score matching, which makes the error of a score that of the noise', () => {
    const path = { kind: 'variance-preserving', prediction: 'score' } as const;
    const { sigma } = paths['variance-preserving'].coefficients(tf.tensor1d(times));
    expectClose(weightOf(path, { weighting: 'sigma-squared' }) ?? [], tf.square(sigma));
  });
});

describe('knownPixelWeight', () => {
  const grid = (mask: number[][]) => tf.tensor([[mask.map((own) => [...own, 0.5, 0.5, 0.5])]]);

  it('is the weight of known pixels where a pixel is observed, and 1 elsewhere', () => {
    const weight = knownPixelWeight({ knownWeight: 0.1 }, grid([[1], [0], [1]]));
    expect(weight?.shape).toEqual([1, 3, 1]);
    expectClose(weight ?? [], [0.1, 1, 0.1]);
  });

  it('is one of each channel where each has its own mask', () => {
    const weight = knownPixelWeight(
      { knownWeight: 0.25 },
      grid([
        [0, 1, 0],
        [1, 0, 0],
      ]),
    );
    expect(weight?.shape).toEqual([1, 2, 3]);
    expectClose(weight ?? [], [1, 0.25, 1, 0.25, 1, 1]);
  });

  it('is undefined if known pixels weigh as much as others, or only unobserved ones are predicted', () => {
    expect(knownPixelWeight({ knownWeight: 1 }, grid([[1], [0]]))).toBeUndefined();
    expect(knownPixelWeight({ knownWeight: 0.1 }, undefined)).toBeUndefined();
  });
});

describe('matchingLoss', () => {
  it('is the mean of all squared differences', () => {
    const prediction = tf.tensor3d([[[1, 2, 3]], [[0, 0, 0]]]);
    const target = tf.tensor3d([[[1, 0, 0]], [[0, 1, 2]]]);
    const loss = matchingLoss(prediction, target);
    expect(loss.shape).toEqual([]);
    expectClose(loss, [(4 + 9 + 1 + 4) / 6]);
  });

  it('weights every image', () => {
    const [prediction, target] = [tf.ones([2, 1, 2]), tf.zeros([2, 1, 2])];
    expectClose(matchingLoss(prediction, target, tf.tensor3d([3, 0.5], [2, 1, 1])), [(3 + 0.5) / 2]);
  });

  it('has a gradient of 2 / n times the difference', () => {
    const target = tf.tensor1d([0, 4]);
    const gradient = tf.grad((prediction) => matchingLoss(prediction, target))(tf.tensor1d([1, 1]));
    expectClose(gradient, [1, -3]);
  });
});

const count = 20_000;
const options = { seed: 42, step: 3, startFraction: 0 };

describe('sampleTime', () => {
  it('is uniform on [0, 1)', () => {
    const times = sampleTime(count, options);
    expect(times.every((time) => time >= 0 && time < 1)).toBe(true);
    // Five standard errors of the first moments: E t = 1/2, E t² = 1/3, E t³ = 1/4.
    for (const power of [1, 2, 3]) {
      const mean = times.reduce((sum, time) => sum + time ** power, 0) / count;
      const variance = 1 / (2 * power + 1) - 1 / (power + 1) ** 2;
      expect(Math.abs(mean - 1 / (power + 1))).toBeLessThan(5 * Math.sqrt(variance / count));
    }
  });

  it('is a pure function of seed and step', () => {
    expect(sampleTime(8, options)).toEqual(sampleTime(8, options));
    expect(sampleTime(8, { ...options, step: 4 })).not.toEqual(sampleTime(8, options));
    expect(sampleTime(8, { ...options, seed: 43 })).not.toEqual(sampleTime(8, options));
  });

  it('puts the rounded start fraction at t = 0 and leaves the other times unchanged', () => {
    const plain = sampleTime(10, options);
    const times = sampleTime(10, { ...options, startFraction: 0.25 });
    expect([...times.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(times.subarray(3)).toEqual(plain.subarray(3));
    expect(plain.every((time) => time > 0)).toBe(true);
    expect(sampleTime(4, { ...options, startFraction: 1 })).toEqual(new Float32Array(4));
  });

  it('samples one time from each of equally many intervals if it is stratified', () => {
    const times = sampleTime(16, { ...options, law: 'stratified' });
    expect([...times].map((time) => Math.floor(16 * time))).toEqual(
      Array.from({ length: 16 }, (_, part) => part),
    );
    const rest = sampleTime(16, { ...options, startFraction: 0.25, law: 'stratified' }).subarray(4);
    expect([...rest].map((time) => Math.floor(12 * time))).toEqual(
      Array.from({ length: 12 }, (_, part) => part),
    );
    expect(sampleTime(4, { ...options, startFraction: 1, law: 'stratified' })).toEqual(new Float32Array(4));
  });

  it('has normally distributed logits if it is logit-normal', () => {
    const logits = Array.from(sampleTime(count, { ...options, law: 'logit-normal' }), (time) =>
      Math.log(time / (1 - time)),
    );
    const mean = logits.reduce((sum, logit) => sum + logit, 0) / count;
    const variance = logits.reduce((sum, logit) => sum + logit ** 2, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });
});
