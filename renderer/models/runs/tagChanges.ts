/** Tags of several runs at once: which all, some or none of them carry, and what is to be changed. */

/** Letters of a tag. */
const longest = 40;

/** What was typed, between commas. */
export function readTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().slice(0, longest));
  return tags.filter((tag) => tag !== '');
}

export type TagState = 'all' | 'some' | 'none';

export interface TaggedRuns {
  /** How many runs are meant. */
  readonly runs: number;
  /** Tags of each of them that has been read: of a long selection perhaps not all. */
  readonly tags: readonly (readonly string[])[];
}

/** `inUse`: tags that runs which were not read may carry; these, too, are "some" until they are chosen. */
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

/** What must be asked for so that `before` becomes `after`; "some" stays as it is. */
export function changesBetween(
  before: ReadonlyMap<string, TagState>,
  after: ReadonlyMap<string, TagState>,
): TagChanges {
  const tags = [...new Set([...before.keys(), ...after.keys()])];
  const changedTo = (state: TagState) =>
    tags.filter((tag) => (after.get(tag) ?? 'none') === state && (before.get(tag) ?? 'none') !== state);
  return { add: changedTo('all'), remove: changedTo('none') };
}

/** A click on a tag: what some or none carry all get, what all carry none keeps. */
export function turn(state: TagState): TagState {
  return state === 'all' ? 'none' : 'all';
}
