/** Tags of several runs: which are on all, some or none of them, and the changes to make. */

/** Greatest length of a tag. */
const longest = 40;

/** Parses comma-separated tags. */
export function readTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().slice(0, longest));
  return tags.filter((tag) => tag !== '');
}

export type TagState = 'all' | 'some' | 'none';

export interface TaggedRuns {
  /** Number of runs. */
  readonly runs: number;
  /** Tags of the runs that are loaded; of a long selection perhaps not all. */
  readonly tags: readonly (readonly string[])[];
}

/** Returns the state of each tag. Tags `inUse` may be on runs that are not loaded, so they count as "some". */
export function tagStates(
  { runs, tags }: TaggedRuns,
  inUse: readonly string[],
): ReadonlyMap<string, TagState> {
  const counts = new Map<string, number>();
  for (const carried of tags) for (const tag of new Set(carried)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const names = tags.length < runs ? [...new Set([...counts.keys(), ...inUse])] : [...counts.keys()];
  const sorted = names.sort((a, b) => a.localeCompare(b));
  return new Map(sorted.map((tag) => [tag, counts.get(tag) === runs ? 'all' : 'some']));
}

export interface TagChanges {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Returns the changes from `before` to `after`; "some" stays unchanged. */
export function changesBetween(
  before: ReadonlyMap<string, TagState>,
  after: ReadonlyMap<string, TagState>,
): TagChanges {
  const tags = [...new Set([...before.keys(), ...after.keys()])];
  const changedTo = (state: TagState) =>
    tags.filter((tag) => (after.get(tag) ?? 'none') === state && (before.get(tag) ?? 'none') !== state);
  return { add: changedTo('all'), remove: changedTo('none') };
}

/** Returns the state after a click: a tag on some or none goes to all, a tag on all is removed. */
export function nextTagState(state: TagState): TagState {
  return state === 'all' ? 'none' : 'all';
}
