/** Steps per second and the time that is left. */

import { formatDuration } from '../../shared/pure/format.ts';
import type { ComputeEvent } from '../compute/protocol.ts';

type StepEvent = Extract<ComputeEvent, { type: 'step' }>;

export interface Pace {
  start(from: { step: number; totalSteps: number; minutes: number | null }): void;
  /** `step 120 · loss 0.0041 · 9.8 steps/s · 2 min 10 s left` */
  describe(event: StepEvent): string;
}

/** Share of the newest step in the running mean of step times. */
const freshness = 0.05;

export function createPace(): Pace {
  let total = 0;
  let minutes: number | null = null;
  let milliseconds: number | null = null;
  return {
    start(from) {
      total = from.totalSteps;
      minutes = from.minutes;
    },
    describe(event) {
      milliseconds =
        milliseconds === null
          ? event.milliseconds
          : milliseconds + freshness * (event.milliseconds - milliseconds);
      const bySteps = ((total - event.step) * milliseconds) / 1000;
      const left = minutes === null ? bySteps : Math.min(bySteps, minutes * 60 - event.processSeconds);
      const rate = `${(1000 / milliseconds).toFixed(1)} steps/s`;
      return [
        `step ${event.step}`,
        `epoch ${event.epoch}`,
        `loss ${event.loss.toPrecision(3)}`,
        rate,
        `${formatDuration(Math.max(0, left))} left`,
      ].join(' · ');
    },
  };
}
