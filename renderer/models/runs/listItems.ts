/** The rows of the run list: runs, or groups with the runs of those that are open. */

import type { RunGroup } from '../../../shared/runGroups.ts';
import { compareOrders, type OrderChange, type RowRange } from './listWindow.ts';

/** The order of a list: IDs of its runs, each once, and its groups, null if it is not grouped. */
export interface ListOrder {
  readonly ids: readonly string[];
  readonly groups: readonly RunGroup[] | null;
}

/** A row. Its key is unique even where tags put one run into several groups. */
export type ListItem =
  | { readonly kind: 'run'; readonly key: string; readonly id: string; readonly group: RunGroup | null }
  | { readonly kind: 'group'; readonly key: string; readonly group: RunGroup; readonly isOpen: boolean };

/** Returns the order of groups: the runs of all of them, each at its first place. */
export function orderOfGroups(groups: readonly RunGroup[]): ListOrder {
  return { ids: [...new Set(groups.flatMap(({ ids }) => ids))], groups };
}

export function listItems(
  { ids, groups }: ListOrder,
  isOpen: (group: RunGroup) => boolean,
): readonly ListItem[] {
  if (groups === null) return ids.map((id) => ({ kind: 'run', key: id, id, group: null }));
  return groups.flatMap((group): ListItem[] => {
    const head: ListItem = { kind: 'group', key: groupItemKey(group), group, isOpen: isOpen(group) };
    if (!head.isOpen) return [head];
    return [
      head,
      ...group.ids.map((id): ListItem => ({ kind: 'run', key: `${id}@${group.key}`, id, group })),
    ];
  });
}

/** No ID of a run begins with this sign. */
export function groupItemKey({ key }: Pick<RunGroup, 'key'>): string {
  return `@${key}`;
}

/** Returns the runs of a row: that of a run, all of a group. */
export function runsOf(item: ListItem): readonly string[] {
  return item.kind === 'run' ? [item.id] : item.group.ids;
}

/** Compares the shown rows with those of a new order; the counts are of runs. null if the rows are the same. */
export function compareItems(
  shown: { readonly order: ListOrder; readonly items: readonly ListItem[] },
  now: { readonly order: ListOrder; readonly items: readonly ListItem[] },
  visible: RowRange,
): OrderChange | null {
  const keys = (items: readonly ListItem[]) => items.map(({ key }) => key);
  const change = compareOrders(keys(shown.items), keys(now.items), visible);
  const runs = compareOrders(shown.order.ids, now.order.ids, visible);
  if (change === null) return runs && { ...runs, isStill: true };
  return { added: runs?.added ?? 0, gone: runs?.gone ?? 0, isStill: change.isStill };
}
