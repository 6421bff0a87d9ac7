/** When the silence of the compute process is worth a word. */

import type { LaneProgress } from '../../../shared/queue.ts';
import { formatDuration } from '../../../shared/text/format.ts';

/** Compiling the graph may take a minute without a word; anything else does not. */
const patience = { training: 30, other: 120 };

/** A sentence when the compute process has been quiet for long; empty else. */
export function quietWarning({ phase, quietSeconds }: Pick<LaneProgress, 'phase' | 'quietSeconds'>): string {
  const limit = phase === 'training' ? patience.training : patience.other;
  if (quietSeconds < limit) return '';
  return `nothing heard for ${formatDuration(quietSeconds)}; if this goes on, stop it and resume`;
}
