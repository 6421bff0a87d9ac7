/** Finds parameters by words, and says where the words stand, so that they can be marked. */

import type { Parameter, Section } from '../../../shared/config/describeSchema.ts';

export interface TextPart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Lower-case words of a search; none for an empty one. */
export function searchWords(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

/**
 * The parameters in which every word occurs — in title, path, unit, choices or the section's title — and `keep` says
 * yes; sections without any are left out.
 */
export function filterSections(
  sections: readonly Section[],
  words: readonly string[],
  keep: (parameter: Parameter) => boolean,
): readonly Section[] {
  return sections
    .map((section) => ({
      ...section,
      parameters: section.parameters.filter(
        (parameter) => keep(parameter) && isFound(parameter, section.title, words),
      ),
    }))
    .filter(({ parameters }) => parameters.length > 0);
}

/** `text` cut where the words stand in it; the parts joined are `text`. */
export function markWords(text: string, words: readonly string[]): readonly TextPart[] {
  const lower = text.toLowerCase();
  // Where lower-casing changes the length, places no longer agree.
  if (words.length === 0 || lower.length !== text.length) return [{ text, isMatch: false }];
  const marked = new Array<boolean>(text.length).fill(false);
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
      marked.fill(true, at, at + word.length);
    }
  }
  return cutAtChanges(text, marked);
}

function isFound(parameter: Parameter, sectionTitle: string, words: readonly string[]): boolean {
  const { title, path, unit, choices } = parameter;
  const text = [title, path, unit, sectionTitle, ...choices].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

function cutAtChanges(text: string, marked: readonly boolean[]): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (let to = 1; to <= text.length; to += 1) {
    if (to < text.length && marked[to] === marked[from]) continue;
    parts.push({ text: text.slice(from, to), isMatch: marked[from] });
    from = to;
  }
  return parts;
}
