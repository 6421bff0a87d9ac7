/** Which datasets of the library the form of a new run shows before the others are requested. */

import type { DatasetEntry } from '../../../shared/dataLibrary.ts';

/**
 * Returns the entries that can be chosen first, in the order of the library, then the others; at most `limit`, the chosen one
 * always among them.
 */
export function listFirstDatasets(
  entries: readonly DatasetEntry[],
  { chosen, limit }: { readonly chosen: string | null; readonly limit: number },
): readonly DatasetEntry[] {
  const isReady = ({ state }: DatasetEntry) => state === 'ready';
  const ordered = [...entries.filter(isReady), ...entries.filter((entry) => !isReady(entry))];
  const first = ordered.slice(0, limit);
  const missing = ordered.slice(limit).find(({ id }) => id === chosen);
  return missing ? [...first.slice(0, limit - 1), missing] : first;
}
