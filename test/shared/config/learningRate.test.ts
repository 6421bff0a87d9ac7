import { describe, expect, it } from 'vitest';
import { type OptimConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { learningRateAt, spentFraction, type ScheduleLength } from '../../../shared/config/learningRate.ts';
import { applyBudget, extendSchedule, forecastRates } from '../../../shared/config/longerBudget.ts';
import type { ScheduleChoice } from '../../../shared/config/optimConfig.ts';

const cosine: Pick<OptimConfig, 'learningRate' | 'schedule' | 'warmupSteps' | 'extensions'> = {
  learningRate: 2,
  schedule: 'cosine',
  warmupSteps: 0,
  extensions: [],
};
const length: ScheduleLength = { stepsPerEpoch: 5, totalSteps: 50, minutes: null };

function rate(
  step: number,
  optim: Partial<typeof cosine> = {},
  changes: Partial<ScheduleLength> = {},
  seconds = 0,
) {
  return learningRateAt({ step, seconds }, { ...cosine, ...optim }, { ...length, ...changes });
}

describe('learningRateAt', () => {
  it('falls along a cosine from the full rate to 0', () => {
    expect(rate(0)).toBe(2);
    expect(rate(25)).toBeCloseTo(1, 12);
    expect(rate(45)).toBeCloseTo(1 + Math.cos(0.9 * Math.PI), 12);
    expect(rate(50)).toBe(0);
    expect(rate(1000)).toBe(0);
  });

  it('changes between epochs only under the cosine schedule', () => {
    const rates = Array.from({ length: 50 }, (_, step) => rate(step));
    expect(new Set(rates).size).toBe(10);
    rates.forEach((value, step) => expect(value).toBe(rates[step - (step % 5)]));
  });

  it('does not change under the constant schedule', () => {
    expect(rate(1000, { schedule: 'constant' })).toBe(2);
  });

  it('warms up in equal steps, the last of which has the full rate', () => {
    const constant = { schedule: 'constant', warmupSteps: 4 } as const;
    expect([0, 1, 2, 3, 4].map((step) => rate(step, constant))).toEqual([0.5, 1, 1.5, 2, 2]);
    expect(rate(7, { warmupSteps: 16 })).toBeCloseTo(0.5 * rate(7), 12);
  });

  it('falls step by step with the fraction of the budget that is spent under the budget schedule', () => {
    const budget = { schedule: 'budget' } as const;
    expect(rate(10, budget)).toBeCloseTo(1 + Math.cos(0.2 * Math.PI), 12);
    expect(rate(10, budget, { minutes: 1 }, 30)).toBeCloseTo(1, 12);
    expect(rate(10, budget, { minutes: 1 }, 90)).toBe(0);
    expect(rate(70, budget)).toBe(0);
  });
});

describe('the fraction of the budget that is spent', () => {
  const fractionOf = (minutes: number | null, step: number, seconds: number) =>
    spentFraction({ step, seconds }, { totalSteps: 200, minutes });

  it('depends only on the steps if there is no time limit, so that a resumed run repeats it', () => {
    expect([0, 50, 200].map((step) => fractionOf(null, step, 1e6 * step))).toEqual([0, 0.25, 1]);
  });

  it('is that of the limit that is reached first, time or steps', () => {
    expect(fractionOf(2, 20, 60)).toBe(0.5);
    expect(fractionOf(2, 150, 60)).toBe(0.75);
    expect(fractionOf(2, 20, 500)).toBe(1);
  });
});

describe('the learning rate of an extended run', () => {
  // A finished run of 60 steps that is extended to 600.
  const config = runConfigSchema.parse({
    optim: { learningRate: 2e-3, schedule: 'budget', warmupSteps: 10 },
    train: { steps: 60, batchSize: 1 },
  });
  const run = { config, totalSteps: 60, processSeconds: 30 };
  const longer = applyBudget(config, { steps: 600 });
  const after = { stepsPerEpoch: 1, totalSteps: 600, minutes: null };
  const rates = (schedule: ScheduleChoice, steps: readonly number[]) => {
    const { optim } = extendSchedule(run, longer, { schedule, fromStep: 60 });
    return steps.map((step) => learningRateAt({ step, seconds: 0 }, optim, after));
  };
  const half = (fraction: number) => 1e-3 * (1 + Math.cos(Math.PI * fraction));

  it('follows the schedule stretched over all steps by default', () => {
    const [next, middle, last] = rates('stretch', [60, 300, 599]);
    expect([next, middle, last]).toEqual([half(0.1), half(0.5), half(599 / 600)]);
    expect(extendSchedule(run, longer, { fromStep: 60 })).toEqual(longer);
  });

  it('remains that of the last step if "keep" is chosen', () => {
    expect(rates('keep', [60, 300, 599])).toEqual([half(59 / 60), half(59 / 60), half(59 / 60)]);
  });

  it('warms up and falls once more over the added steps if a restart is chosen', () => {
    expect(rates('restart', [60, 69, 330, 599])).toEqual([
      half(0) * 0.1,
      half(9 / 540),
      half(0.5),
      half(539 / 540),
    ]);
  });

  it.each(['keep', 'restart'] as const)('does not change for earlier steps if "%s" is chosen', (schedule) => {
    const before = { stepsPerEpoch: 1, totalSteps: 60, minutes: null };
    const steps = [0, 5, 30, 59];
    const expected = steps.map((step) => learningRateAt({ step, seconds: 0 }, config.optim, before));
    expect(rates(schedule, steps)).toEqual(expected);
  });

  it('is stretched only after the restart if a restarted run is extended once more', () => {
    const restarted = {
      config: extendSchedule(run, longer, { schedule: 'restart', fromStep: 60 }),
      totalSteps: 600,
      processSeconds: 300,
    };
    const { optim } = extendSchedule(restarted, applyBudget(restarted.config, { steps: 1140 }), {
      fromStep: 600,
    });
    const at = (step: number) => learningRateAt({ step, seconds: 0 }, optim, { ...after, totalSteps: 1140 });
    expect([at(330), at(600)]).toEqual([half(0.25), half(0.5)]);
    expect(at(30)).toBe(half(0.5));
  });

  it('is predicted for every choice before the run is extended', () => {
    const dataset = { count: 9, source: 'folder:x', split: 'train', height: 32, width: 32 } as const;
    const forecast = forecastRates(
      { ...run, step: 60, dataset: { ...dataset, checksum: '', notes: [] } },
      longer,
    );
    expect(forecast).toEqual({
      step: 60,
      last: half(59 / 60),
      next: { stretch: half(0.1), keep: half(59 / 60), restart: half(0) * 0.1 },
    });
  });

  it('is unchanged for older configurations without extensions', () => {
    const optim = { ...config.optim, extensions: undefined };
    expect(runConfigSchema.parse({ ...config, optim }).optim).toEqual(config.optim);
  });
});
