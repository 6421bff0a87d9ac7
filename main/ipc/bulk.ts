/** The same thing done to many runs, while everything else goes on. */

import { setImmediate } from 'node:timers/promises';
import type { Refusal } from '../../shared/contract/runs.ts';
import { toFailure } from './failure.ts';

/** Milliseconds of work at a time. */
const patience = 12;

/** Does `work` to each id; those it cannot be done to are answered with the reason. */
export async function doToEach(ids: readonly string[], work: (id: string) => void): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  let startedAt = performance.now();
  for (const id of new Set(ids)) {
    try {
      work(id);
    } catch (error) {
      refusals.push({ id, message: toFailure(error, { channel: '', version: '' }).message });
    }
    if (performance.now() - startedAt < patience) continue;
    await setImmediate();
    startedAt = performance.now();
  }
  return refusals;
}
