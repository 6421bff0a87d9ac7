import { describe, expect, it } from 'vitest';
import { watchLearning } from '../../../main/compute/training/learningWarning.ts';
import type { Gain } from '../../../main/engine/metrics/gain.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';

const none: Gain = { mse: 0.00126, classicalMse: 0.00126, isGain: false, isClassical: false };
const dead: Gain = { ...none, isClassical: true };
const gain: Gain = { ...none, mse: 0.001, isGain: true };

function watch(path: RunConfigInput['path'] = {}, learningRate = 2e-3) {
  const field = { kind: 'unet', residual: 'thin-plate' } as const;
  const optim = { learningRate };
  return watchLearning(runConfigSchema.parse({ field, optim, path: { prediction: 'data', ...path } }));
}

describe('the watch over learning', () => {
  it('warns after the second evaluation in a row without a gain, with both errors and what to try', () => {
    const { judge } = watch({ unit: 'residual' });
    expect(judge(none, 250)).toBeUndefined();
    const warning = judge({ ...none, mse: 0.00131 }, 500);
    expect(warning).toContain('after 500 steps its mean squared error on the validation images is 0.00131');
    expect(warning).toContain('that of the thin plate 0.00126');
    expect(warning).toContain(
      'a smaller learning rate (optim.learningRate), such as 0.0005 instead of 0.002.',
    );
  });

  it('says that the output is zero where the result is the thin plate', () => {
    const { judge } = watch();
    judge(dead, 250);
    expect(judge(dead, 500)).toContain('The network’s output is zero: after 500 steps');
  });

  it('recommends a larger step where the learning rate is too small to move the network', () => {
    const { judge } = watch({}, 1e-12);
    judge(dead, 250);
    expect(judge(dead, 500)).toContain(
      'a larger learning rate (optim.learningRate), such as 0.0005 instead of 1e-12.',
    );
  });

  it('recommends the measured unit to a run that counts in colours', () => {
    const { judge } = watch();
    judge(none, 1);
    expect(judge(none, 2)).toContain('and path.unit = residual.');
  });

  it('withdraws the warning after a gain, and counts from the beginning', () => {
    const { judge } = watch();
    expect([none, none, gain, none, gain, none].map((each, step) => typeof judge(each, step))).toEqual([
      'undefined',
      'string',
      'object',
      'undefined',
      'object',
      'undefined',
    ]);
  });

  it('warns of a run that learned at first and then died', () => {
    const { judge } = watch();
    expect(judge(gain, 1)).toBeNull();
    expect(judge(dead, 2)).toBeUndefined();
    expect(judge(dead, 3)).toContain('output is zero');
  });

  it('says that there is nothing to learn where the thin plate is exact to 8 bits', () => {
    const { judge } = watch();
    const flat: Gain = { mse: 0, classicalMse: 1e-7, isGain: false, isClassical: true };
    judge(flat, 1);
    expect(judge(flat, 2)).toContain('There is nothing to learn');
  });
});
