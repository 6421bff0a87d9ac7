/** How much of a step of the laboratory's training loop is not TensorFlow's. */

import { messageOf, openEngineProcess } from './contestants.ts';
import type { LoopTimes } from './loopTimes.ts';
import type { BenchPlan } from './plan.ts';
import type { LoopShare } from './report.ts';
import { median } from './rounds.ts';

const steps = 30;

/** null where graphs do not run; `note` hears why. */
export async function measureLoop(plan: BenchPlan, note: (text: string) => void): Promise<LoopShare | null> {
  const config = plan.config.preset;
  note(`${config}: measuring the training loop`);
  try {
    const engine = await openEngineProcess(plan, 'compiled');
    try {
      return toLoopShare(config, await engine.ask<LoopTimes>({ loop: { steps } }));
    } finally {
      engine.close();
    }
  } catch (error) {
    note(`the training loop is left out: ${messageOf(error)}`);
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
