/** Label of the start button. */

import type { QueueState } from '../../../shared/queue.ts';

/** Returns `Start now` or, for example, `Add to queue (2 waiting)`; a held queue starts no run by itself. */
export function startLabel({ active, waiting, held }: QueueState): string {
  const isFree = active === null && waiting.length === 0;
  if (isFree && !held) return 'Start now';
  if (waiting.length > 0) return `Add to queue (${waiting.length} waiting${held ? ', held' : ''})`;
  return 'Add to queue (next)';
}
