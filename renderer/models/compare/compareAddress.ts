/** The address of a comparison: `/compare?runs=id,id,…`. */

import { runIdSchema } from '../../../shared/runList.ts';

/** Returns the run IDs in an address: each once, at most ten; invalid ones are ignored. */
export function comparedIds(query: Readonly<Record<string, unknown>>): string[] {
  const text = typeof query.runs === 'string' ? query.runs : '';
  const ids = text.split(',').filter((id) => runIdSchema.safeParse(id).success);
  return [...new Set(ids)].slice(0, mostCompared);
}

export function compareAddress(ids: readonly string[]) {
  return { name: 'compare', query: { runs: ids.join(',') } };
}

export const fewestCompared = 2;
export const mostCompared = 10;

export function canCompare(ids: readonly string[]): boolean {
  return ids.length >= fewestCompared && ids.length <= mostCompared;
}
