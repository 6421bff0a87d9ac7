/** What the start button will do, in words. */

import type { QueueState } from '../../../shared/queue.ts';

/** `Start now`, `Add to queue (2 waiting)`; a held queue starts nothing by itself. */
export function startLabel({ active, waiting, held }: QueueState): string {
  const isFree = active === null && waiting.length === 0;
  if (isFree && !held) return 'Start now';
  if (waiting.length > 0) return `Add to queue (${waiting.length} waiting${held ? ', held' : ''})`;
  return 'Add to queue (next)';
}
