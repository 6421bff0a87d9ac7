import { describe, expect, it } from 'vitest';
import { lossWeight, matchingLoss } from '../../../main/engine/objective/loss.ts';
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
  it('is undefined if the configuration has none', () => {
    expect(weightOf({}, {})).toBeUndefined();
  });

  it('is the signal-to-noise ratio up to γ = 5 for data, and no less than its floor', () => {
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

  it('weighs one and the same error of the data alike: min(SNR, γ) / (SNR + 1) for v', () => {
    expectClose(
      weightOf({ kind: 'cosine', prediction: 'v' }, { weighting: 'min-snr' }) ?? [],
      ratios.map((ratio) => Math.min(ratio, 5) / (ratio + 1)),
    );
  });

  it('and min(SNR, γ) / SNR for noise', () => {
    const { alpha, sigma } = paths['variance-preserving'].coefficients(tf.tensor1d(times));
    const ratio = tf.square(tf.div(alpha, sigma));
    expectClose(
      weightOf({ kind: 'variance-preserving', prediction: 'noise' }, { weighting: 'min-snr' }) ?? [],
      tf.div(tf.minimum(ratio, 5), ratio),
      1e-4,
    );
  });

  it('is σ² for score matching, which turns the error of a score into that of its noise', () => {
    const path = { kind: 'variance-preserving', prediction: 'score' } as const;
    const { sigma } = paths['variance-preserving'].coefficients(tf.tensor1d(times));
    expectClose(weightOf(path, { weighting: 'sigma-squared' }) ?? [], tf.square(sigma));
  });
});

describe('matchingLoss', () => {
  it('is the mean of the squared differences over everything', () => {
    const prediction = tf.tensor3d([[[1, 2, 3]], [[0, 0, 0]]]);
    const target = tf.tensor3d([[[1, 0, 0]], [[0, 1, 2]]]);
    const loss = matchingLoss(prediction, target);
    expect(loss.shape).toEqual([]);
    expectClose(loss, [(4 + 9 + 1 + 4) / 6]);
  });

  it('counts each image by its weight', () => {
    const [prediction, target] = [tf.ones([2, 1, 2]), tf.zeros([2, 1, 2])];
    expectClose(matchingLoss(prediction, target, tf.tensor3d([3, 0.5], [2, 1, 1])), [(3 + 0.5) / 2]);
  });

  it('pulls each number by 2 / n of its difference', () => {
    const target = tf.tensor1d([0, 4]);
    const gradient = tf.grad((prediction) => matchingLoss(prediction, target))(tf.tensor1d([1, 1]));
    expectClose(gradient, [1, -3]);
  });
});
