/** How the time of a compiled training step grows with each of its sizes. */

import { messageOf, openEngineProcess } from './contestants.ts';
import type { ContestOptions } from './contest.ts';
import type { Contestant } from './contestant.ts';
import type { Times } from './engineSession.ts';
import type { BenchPlan } from './plan.ts';
import type { GrowthRow } from './report.ts';
import { median, medianRatio, repetitionsFor, takeTurns } from './rounds.ts';

interface Variant {
  readonly quantity: GrowthRow['quantity'];
  readonly from: number;
  readonly to: number;
  readonly plan: BenchPlan;
}

/** The plan's own step compared with one of twice the batch, the latents if it has any, the pixels; empty where graphs do not run. */
export async function measureGrowth(
  plan: BenchPlan,
  { rounds, note }: Pick<ContestOptions, 'rounds' | 'note'>,
): Promise<GrowthRow[]> {
  const variants = doublings(plan);
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
      onFailure: (_, error) => note(messageOf(error)),
    });
    return toGrowthRows(
      variants,
      opened.map((contestant) => times.get(contestant)),
    );
  } catch (error) {
    note(`growth is left out: ${messageOf(error)}`);
    return [];
  } finally {
    opened.forEach((contestant) => contestant.close());
  }
}

/** `times` are those of the plan itself, then those of the variants. */
export function toGrowthRows(
  variants: readonly Pick<Variant, 'quantity' | 'from' | 'to'>[],
  [own, ...others]: readonly (readonly number[] | undefined)[],
): GrowthRow[] {
  return variants.flatMap(({ quantity, from, to }, index) => {
    const ratio = medianRatio(others[index], own);
    return ratio === null ? [] : [{ quantity, from, to, milliseconds: median(others[index] ?? []), ratio }];
  });
}

function doublings(plan: BenchPlan): Variant[] {
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
