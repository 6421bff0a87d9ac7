/** The line that stands under a training in the terminal. */

import { formatDuration, formatSignificant } from '../../shared/text/format.ts';
import { formatFixed } from '../../shared/numbers/nonFinite.ts';
import type { ComputeEvent } from '../compute/protocol.ts';
import type { PaceReading } from '../jobs/laneProgress.ts';

/** `step 120 · epoch 1 · loss 0.0041 · 9.8 steps/s · 2 min 10 s left` */
export function describePace(
  event: Extract<ComputeEvent, { type: 'step' }>,
  { stepsPerSecond, secondsLeft }: PaceReading,
): string {
  return [
    `step ${event.step}`,
    `epoch ${event.epoch}`,
    `loss ${formatSignificant(event.loss, 3)}`,
    ...(stepsPerSecond === null ? [] : [`${formatFixed(stepsPerSecond, 1)} steps/s`]),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ].join(' · ');
}
