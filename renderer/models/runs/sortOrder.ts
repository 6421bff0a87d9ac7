/** What a click on a column's head makes of the list's order. */

import type { RunSortKey } from '../../../shared/runList.ts';
import type { SortOrder } from './queryAddress.ts';

/** Keys whose large or late values are what one looks for first. */
const descendingFirst: readonly RunSortKey[] = [
  'step',
  'bestPsnr',
  'bestSsim',
  'processSeconds',
  'createdAt',
  'updatedAt',
];

/**
 * A plain click sorts by this column alone, and turns round at the second click. With Shift the column joins the
 * others: first its usual direction, then the other one, then out again.
 */
export function sortBy(sort: SortOrder, by: RunSortKey, isAdded: boolean): SortOrder {
  const first = descendingFirst.includes(by);
  const present = sort.find((entry) => entry.by === by);
  if (!isAdded) {
    const isAlone = present !== undefined && sort.length === 1;
    return [{ by, descending: isAlone ? !present.descending : first }];
  }
  if (!present) return [...sort, { by, descending: first }];
  if (present.descending !== first && sort.length > 1) return sort.filter((entry) => entry.by !== by);
  return sort.map((entry) => (entry.by === by ? { by, descending: !entry.descending } : entry));
}
