/** How far a run has come, and when its silence is worth a word. */

import type { RunSummary } from '../../../shared/runList.ts';
import type { LaneProgress } from '../../../shared/queue.ts';
import { formatDuration } from '../../../shared/pure/format.ts';

/** 0 to 1: by steps or by the budget in minutes, whichever is nearer to its end; 1 for a finished run. */
export function progressShare(
  {
    status,
    step,
    totalSteps,
    processSeconds,
  }: Pick<RunSummary, 'status' | 'step' | 'totalSteps' | 'processSeconds'>,
  minutes: number | null,
): number {
  if (status === 'finished') return 1;
  const bySteps = totalSteps ? step / totalSteps : 0;
  const byTime = minutes ? processSeconds / (60 * minutes) : 0;
  return Math.min(1, Math.max(bySteps, byTime));
}

/** Compiling the graph may take a minute without a word; anything else does not. */
const patience = { training: 30, other: 120 };

/** A sentence when the compute process has been quiet for long; empty else. */
export function quietWarning({ phase, quietSeconds }: Pick<LaneProgress, 'phase' | 'quietSeconds'>): string {
  const limit = phase === 'training' ? patience.training : patience.other;
  if (quietSeconds < limit) return '';
  return `nothing heard for ${formatDuration(quietSeconds)}; if this goes on, stop it and resume`;
}
