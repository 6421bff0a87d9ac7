/** The query of the run list as part of the page address, so that the back button and bookmarks restore it; and its sort order. */

import { type RunStatus, runStatuses } from '../../../shared/run.ts';
import { descendingFirst } from './columns.ts';
import { type RunQuery, type RunSortKey, runSortKeys, runViews } from '../../../shared/runList.ts';

/** Query parameters of the router; each may occur several times. */
export type AddressQuery = Readonly<Record<string, string | null | readonly (string | null)[] | undefined>>;

export type SortOrder = RunQuery['sort'];

/** Parses an address; unknown values are ignored. `sort` is the default order. */
export function readQuery(address: AddressQuery, sort: SortOrder): RunQuery {
  const view = runViews.find((candidate) => candidate === valuesOf(address.view)[0]) ?? 'active';
  const named = valuesOf(address.sort).flatMap(readSort);
  return {
    view,
    text: (valuesOf(address.text)[0] ?? '').slice(0, 200),
    statuses: distinct(valuesOf(address.status).filter(isStatus)),
    presets: distinct(valuesOf(address.preset).filter((preset) => preset.length <= 120)).slice(0, 50),
    tags: distinct(valuesOf(address.tag).filter((tag) => tag.length <= 40)).slice(0, 50),
    sort: named.length > 0 ? withoutRepeats(named) : [...sort],
  };
}

/** Returns the parameters that differ from the plain list; the order is included if it is not `sort`. */
export function writeQuery(query: RunQuery, sort: SortOrder): Record<string, string | string[]> {
  const address: Record<string, string | string[]> = {};
  if (query.view !== 'active') address.view = query.view;
  if (query.text !== '') address.text = query.text;
  if (query.statuses.length > 0) address.status = [...query.statuses];
  if (query.presets.length > 0) address.preset = [...query.presets];
  if (query.tags.length > 0) address.tag = [...query.tags];
  const order = query.sort.map(({ by, descending }) => (descending ? `-${by}` : by));
  const known = sort.map(({ by, descending }) => (descending ? `-${by}` : by));
  if (order.length > 0 && order.join() !== known.join()) address.sort = order;
  return address;
}

/** Whether the query excludes any runs of its view. */
export function isFiltered({ text, statuses, presets, tags }: RunQuery): boolean {
  return text.trim() !== '' || statuses.length > 0 || presets.length > 0 || tags.length > 0;
}

export function withoutFilters(query: RunQuery): RunQuery {
  return { ...query, text: '', statuses: [], presets: [], tags: [] };
}

/** Adds a value to a filter, or removes it. */
export function toggleValue<Value>(values: readonly Value[], value: Value): Value[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}

function valuesOf(parameter: AddressQuery[string]): string[] {
  const values = Array.isArray(parameter) ? (parameter as readonly (string | null)[]) : [parameter];
  return values.filter((value): value is string => typeof value === 'string' && value !== '');
}

function isStatus(text: string): text is RunStatus {
  return runStatuses.some((status) => status === text);
}

function readSort(text: string): SortOrder {
  const descending = text.startsWith('-');
  const name = descending ? text.slice(1) : text;
  const by = runSortKeys.find((key) => key === name);
  return by === undefined ? [] : [{ by, descending }];
}

function withoutRepeats(sort: SortOrder): SortOrder {
  const seen = new Set<RunSortKey>();
  return sort.filter(({ by }) => !seen.has(by) && seen.add(by));
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

/**
 * Returns the order after a click on a column header. A plain click sorts by this column only and reverses the order
 * at the second click. With Shift the column is added to the others, then reversed, then removed.
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
