import { describe, expect, it } from 'vitest';
import { lossWeight } from '../../../main/engine/objective/weighting.ts';
import { paths } from '../../../main/engine/path/registry.ts';
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
  it('is none where none is asked for', () => {
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

  it('is σ² where score matching is asked for, and makes the error of a score that of its noise', () => {
    const path = { kind: 'variance-preserving', prediction: 'score' } as const;
    const { sigma } = paths['variance-preserving'].coefficients(tf.tensor1d(times));
    expectClose(weightOf(path, { weighting: 'sigma-squared' }) ?? [], tf.square(sigma));
  });
});
