/** The address of a comparison: `/compare?runs=id,id,…`, and `&by=setting` if the runs are compared in groups. */

import { mostCompared, mostListedRuns } from '../../../shared/comparison/comparison.ts';
import { type Grouping, groupingSchema, type RunGroup } from '../../../shared/runGroups.ts';
import { runIdSchema } from '../../../shared/runList.ts';

/** What an address says of a comparison. */
export interface ComparedRuns {
  readonly ids: readonly string[];
  /** What the runs are grouped by; null: each is compared by itself. */
  readonly by: Grouping | null;
}

/** Reads an address: each run once, invalid ones are ignored. More than ten runs are compared in groups. */
export function readComparison(query: Readonly<Record<string, unknown>>): ComparedRuns {
  const text = typeof query.runs === 'string' ? query.runs : '';
  const ids = text.split(',').filter((id) => runIdSchema.safeParse(id).success);
  const all = [...new Set(ids)].slice(0, mostListedRuns);
  return { ids: all, by: groupingFor(all, groupingSchema.safeParse(query.by).data ?? null) };
}

export function compareAddress(ids: readonly string[], by: Grouping | null = null) {
  const grouping = groupingFor(ids, by);
  return { name: 'compare', query: { runs: ids.join(','), ...(grouping !== null && { by: grouping }) } };
}

function groupingFor(ids: readonly string[], by: Grouping | null): Grouping | null {
  return by ?? (ids.length > mostCompared ? 'setting' : null);
}

/** Returns what the runs of one group are grouped by: their settings if they are many, or their seeds if they have one setting. */
export function groupingWithin({ ids }: Pick<RunGroup, 'ids'>, by: Grouping): Grouping | null {
  if (ids.length <= mostCompared) return null;
  return by === 'setting' ? 'seed' : 'setting';
}

/** Returns what selected runs are compared by in a grouped list: by the groups, if several have runs of which one has two. */
export function groupingOfSelection(
  ids: readonly string[],
  groups: readonly Pick<RunGroup, 'ids'>[],
  by: Grouping | null,
): Grouping | null {
  const selected = new Set(ids);
  const counts = groups
    .map((group) => group.ids.filter((id) => selected.has(id)).length)
    .filter((count) => count > 0);
  return counts.length > 1 && counts.some((count) => count > 1) ? by : null;
}

export const fewestCompared = 2;

export function canCompare(ids: readonly string[]): boolean {
  return ids.length >= fewestCompared && ids.length <= mostListedRuns;
}
