import { describe, expect, it } from 'vitest';
import { type OptimConfig, runConfigSchema } from '../../shared/config/config.ts';
import { learningRateAt, spentFraction, type ScheduleLength } from '../../shared/config/learningRate.ts';
import { applyBudget, extendSchedule, forecastRates } from '../../shared/config/longerBudget.ts';
import type { ScheduleChoice } from '../../shared/config/optimConfig.ts';

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
  of: Partial<ScheduleLength> = {},
  seconds = 0,
) {
  return learningRateAt({ step, seconds }, { ...cosine, ...optim }, { ...length, ...of });
}

describe('learningRateAt', () => {
  it('falls along a cosine from the full rate over half of it at half time to 0', () => {
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

  it('stays where it is under the constant schedule', () => {
    expect(rate(1000, { schedule: 'constant' })).toBe(2);
  });

  it('warms up in equal steps, the last of which has the whole rate', () => {
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

  it('is that of the steps alone where no time is given, so that a resumed run repeats it', () => {
    expect([0, 50, 200].map((step) => fractionOf(null, step, 1e6 * step))).toEqual([0, 0.25, 1]);
  });

  it('is that of the time where it ends first, and of the steps where they do', () => {
    expect(fractionOf(2, 20, 60)).toBe(0.5);
    expect(fractionOf(2, 150, 60)).toBe(0.75);
    expect(fractionOf(2, 20, 500)).toBe(1);
  });
});

describe('the learning rate of a run whose budget was made longer', () => {
  /** A run of 60 steps that has ended, given 600. */
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

  it('follows the schedule stretched over all steps where nothing else is chosen', () => {
    const [next, middle, last] = rates('stretch', [60, 300, 599]);
    expect([next, middle, last]).toEqual([half(0.1), half(0.5), half(599 / 600)]);
    expect(extendSchedule(run, longer, { fromStep: 60 })).toEqual(longer);
  });

  it('stays what it was at the last step where that is chosen', () => {
    expect(rates('keep', [60, 300, 599])).toEqual([half(59 / 60), half(59 / 60), half(59 / 60)]);
  });

  it('warms up and falls once more over the added steps where a restart is chosen', () => {
    expect(rates('restart', [60, 69, 330, 599])).toEqual([
      half(0) * 0.1,
      half(9 / 540),
      half(0.5),
      half(539 / 540),
    ]);
  });

  it.each(['keep', 'restart'] as const)(
    'is what it was for the steps before, whichever is chosen: %s',
    (schedule) => {
      const before = { stepsPerEpoch: 1, totalSteps: 60, minutes: null };
      const was = [0, 5, 30, 59].map((step) => learningRateAt({ step, seconds: 0 }, config.optim, before));
      expect(rates(schedule, [0, 5, 30, 59])).toEqual(was);
    },
  );

  it('stretches the newest period alone when a restarted run is extended once more', () => {
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

  it('is forecast for every choice before the run is extended', () => {
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

  it('of older configurations, which know no extensions, is read as before', () => {
    const optim = { ...config.optim, extensions: undefined };
    expect(runConfigSchema.parse({ ...config, optim }).optim).toEqual(config.optim);
  });
});
