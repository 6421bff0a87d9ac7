/** How the time of a compiled training step grows with each of its sizes, and how much of it is spent outside TensorFlow. */

import { describeError } from '../../shared/text/describeError.ts';
import type { ContestOptions } from './contest.ts';
import { type Contestant, openEngineProcess } from './contestants.ts';
import type { Times } from './engine/session.ts';
import type { LoopTimes } from './engine/loopTimes.ts';
import type { BenchPlan } from './plan.ts';
import type { GrowthRow, LoopShare } from './report.ts';
import { median, medianRatio, repetitionsFor, takeTurns } from './rounds.ts';

interface Variant {
  readonly quantity: GrowthRow['quantity'];
  readonly from: number;
  readonly to: number;
  readonly plan: BenchPlan;
}

/** Compares the step of a plan with steps of twice the batch, latents (if any) or pixels; returns an empty list if graphs do not run. */
export async function measureGrowth(
  plan: BenchPlan,
  { rounds, note }: Pick<ContestOptions, 'rounds' | 'note'>,
): Promise<GrowthRow[]> {
  const variants = createVariants(plan);
  const opened: Contestant[] = [];
  try {
    for (const one of [plan, ...variants.map((variant) => variant.plan)])
      opened.push(await openEngineProcess(one, 'compiled'));
    note(`${plan.config.preset}: measuring growth`);
    const step = async (contestant: Contestant, steps: number) =>
      (await contestant.ask<Times>({ train: { steps } })).milliseconds;
    const costs: number[] = [];
    for (const contestant of opened) costs.push(...(await step(contestant, 2)).slice(-1));
    const times = await takeTurns(opened, (contestant) => step(contestant, repetitionsFor(costs[0])), {
      rounds,
      onFailure: (_, error) => note(describeError(error)),
    });
    return toGrowthRows(
      variants,
      opened.map((contestant) => times.get(contestant)),
    );
  } catch (error) {
    note(`growth is left out: ${describeError(error)}`);
    return [];
  } finally {
    opened.forEach((contestant) => contestant.close());
  }
}

/** Returns the rows of the variants; the first times are those of the plan itself. */
export function toGrowthRows(
  variants: readonly Pick<Variant, 'quantity' | 'from' | 'to'>[],
  [own, ...others]: readonly (readonly number[] | undefined)[],
): GrowthRow[] {
  return variants.flatMap(({ quantity, from, to }, index) => {
    const ratio = medianRatio(others[index], own);
    return ratio === null ? [] : [{ quantity, from, to, milliseconds: median(others[index] ?? []), ratio }];
  });
}

function createVariants(plan: BenchPlan): Variant[] {
  const { config } = plan;
  const { train, field, data } = config;
  const side = Math.round(data.imageSize * Math.SQRT2);
  const variant = (change: Omit<Variant, 'plan'>, changed: Partial<BenchPlan['config']>): Variant => ({
    ...change,
    plan: { ...plan, config: { ...config, ...changed } },
  });
  return [
    variant(
      { quantity: 'batch', from: train.batchSize, to: 2 * train.batchSize },
      { train: { ...train, batchSize: 2 * train.batchSize } },
    ),
    ...(field.kind === 'perceiver'
      ? [
          variant(
            { quantity: 'latents', from: field.latents, to: 2 * field.latents },
            { field: { ...field, latents: 2 * field.latents } },
          ),
        ]
      : []),
    variant(
      { quantity: 'pixels', from: data.imageSize ** 2, to: side ** 2 },
      { data: { ...data, imageSize: side } },
    ),
  ];
}

const loopSteps = 30;

/** Measures the training loop; returns null if graphs do not run, and passes the reason to `note`. */
export async function measureLoop(plan: BenchPlan, note: (text: string) => void): Promise<LoopShare | null> {
  const config = plan.config.preset;
  note(`${config}: measuring the training loop`);
  try {
    const engine = await openEngineProcess(plan, 'compiled');
    try {
      return toLoopShare(config, await engine.ask<LoopTimes>({ loop: { steps: loopSteps } }));
    } finally {
      engine.close();
    }
  } catch (error) {
    note(`the training loop is left out: ${describeError(error)}`);
    return null;
  }
}

export function toLoopShare(config: string, { milliseconds, native }: LoopTimes): LoopShare {
  const outside = milliseconds.map((whole, step) => (whole - native[step]) / whole);
  return {
    config,
    milliseconds: median(milliseconds),
    nativeMilliseconds: median(native),
    outsideShare: median(outside),
  };
}
