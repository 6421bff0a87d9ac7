/** What a training run spends outside of its steps: the start until step 1, evaluations, previews, checkpoints, and work next to the graph. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { formatColumns } from '../../main/cli/format.ts';
import { describeError } from '../../shared/text/describeError.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { formatNumber } from './format.ts';
import { type LabLine, recordLab } from './labProcess.ts';
import { planBench } from './plan.ts';
import type { MachineSize } from './machine.ts';
import { measureLoop } from './stepCost.ts';

/** Kinds of work between two steps, by the event that ends each. */
const kinds = ['evaluation', 'references', 'preview', 'checkpoint'] as const;
type Kind = (typeof kinds)[number];

export interface LoopCost {
  readonly config: string;
  readonly steps: number;
  /** From the start of `lab train` to its first step. */
  readonly firstStep: { readonly seconds: number; readonly processorSeconds: number | null };
  /** From the first step to the last. */
  readonly seconds: number;
  /** Seconds between the steps by kind of work, and how often it was done. */
  readonly work: Readonly<Record<Kind, { readonly count: number; readonly seconds: number }>>;
  /** Fraction of a bare step outside TensorFlow: batches, tensors in and out, the loop; null without graphs. */
  readonly outsideGraph: number | null;
}

const lineSchema = z.object({ event: z.string(), step: z.number().optional() });

/**
 * Attributes the time of a recorded `lab train --json`: an event other than a step ends work that began with the event before
 * it. Work before the first step, such as the preview of step 0, and after the last one is no cost of the loop.
 */
export function attributeTime(lines: readonly LabLine[]): Omit<LoopCost, 'config' | 'outsideGraph'> {
  const events = lines.map(({ value, ...at }) => ({ ...lineSchema.parse(value), ...at }));
  const isStep = ({ event }: { event: string }) => event === 'step';
  const [first, last] = [events.findIndex(isStep), events.findLastIndex(isStep)];
  if (first < 0) throw new Error('The run took no step, expected at least one. Give it more minutes.');
  const { seconds, processorSeconds, step = 0 } = events[first];
  const work = Object.fromEntries(kinds.map((kind) => [kind, { count: 0, seconds: 0 }])) as Record<
    Kind,
    { count: number; seconds: number }
  >;
  for (let index = first + 1; index < last; index++) {
    const kind = kinds.find((one) => one === events[index].event);
    if (!kind) continue;
    work[kind].count += 1;
    work[kind].seconds += events[index].seconds - events[index - 1].seconds;
  }
  const end = events[last];
  return {
    steps: (end.step ?? step) - step,
    firstStep: { seconds, processorSeconds },
    seconds: end.seconds - seconds,
    work,
  };
}

/** Trains each configuration for so many minutes in a folder of its own. A preset that fails is left out with a note. */
export async function measureLoopCosts(
  configs: readonly RunConfig[],
  size: MachineSize,
  options: { data: string; minutes: number; note: (text: string) => void },
): Promise<LoopCost[]> {
  const costs: LoopCost[] = [];
  for (const config of configs) {
    const folder = mkdtempSync(join(tmpdir(), 'loop-'));
    options.note(`${config.preset}: training for ${options.minutes} min`);
    try {
      const args = ['train', '--preset', config.preset, '--data', options.data];
      const lines = await recordLab([...args, '--minutes', String(options.minutes)], folder);
      const share = await measureLoop(planBench(config, size), options.note);
      const outsideGraph = share?.outsideShare ?? null;
      costs.push({ config: config.preset, ...attributeTime(lines), outsideGraph });
    } catch (error) {
      options.note(`${config.preset}: ${describeError(error)}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return costs;
}

export function formatLoopCosts(costs: readonly LoopCost[]): string {
  return formatColumns([
    ['loop', 'first step, s', 'its CPU, s', 'steps', 'seconds', 'outside the graph', ...kinds],
    ...costs.map((cost) => [
      cost.config,
      formatNumber(cost.firstStep.seconds),
      cost.firstStep.processorSeconds === null ? '–' : formatNumber(cost.firstStep.processorSeconds),
      String(cost.steps),
      formatNumber(cost.seconds),
      cost.outsideGraph === null ? '–' : percent(cost.outsideGraph),
      ...kinds.map((kind) => {
        const { count, seconds } = cost.work[kind];
        return count === 0 ? '–' : `${percent(seconds / cost.seconds)} (${count})`;
      }),
    ]),
  ]);
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
