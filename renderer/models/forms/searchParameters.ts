/** Searches parameters and finds the matching parts of a text to highlight. */

import type { Parameter, Section } from '../../../shared/config/describeSchema.ts';

export interface TextPart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Splits a query into its lower-case terms. */
export function searchTerms(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((term) => term !== '');
}

/**
 * Returns the sections with the parameters that contain every term (in title, help, typical values, source, path, unit,
 * choices or the section's title) and pass `keep`. Sections without any are left out.
 */
export function filterSections(
  sections: readonly Section[],
  terms: readonly string[],
  keep: (parameter: Parameter) => boolean,
): readonly Section[] {
  return sections
    .map((section) => ({
      ...section,
      parameters: section.parameters.filter(
        (parameter) => keep(parameter) && matches(parameter, section.title, terms),
      ),
    }))
    .filter(({ parameters }) => parameters.length > 0);
}

/** Splits a text at the borders of its matches with the terms; the parts join to the text. */
export function markTerms(text: string, terms: readonly string[]): readonly TextPart[] {
  const lower = text.toLowerCase();
  // If lower case has another length, the positions do not agree.
  if (terms.length === 0 || lower.length !== text.length) return [{ text, isMatch: false }];
  const marked = new Array<boolean>(text.length).fill(false);
  for (const term of terms) {
    for (let at = lower.indexOf(term); at >= 0; at = lower.indexOf(term, at + 1)) {
      marked.fill(true, at, at + term.length);
    }
  }
  return splitAtChanges(text, marked);
}

/** Returns whether a term is in the texts that are behind a parameter's title, so that they show why it was found. */
export function isInTexts({ help, typical, source }: Parameter, terms: readonly string[]): boolean {
  const text = [help, typical, source].join('\n').toLowerCase();
  return terms.some((term) => text.includes(term));
}

function matches(parameter: Parameter, sectionTitle: string, terms: readonly string[]): boolean {
  const { title, help, typical, source, path, unit, choices, titles } = parameter;
  const text = [title, help, typical, source, path, unit, sectionTitle, ...choices, ...Object.values(titles)]
    .join('\n')
    .toLowerCase();
  return terms.every((term) => text.includes(term));
}

function splitAtChanges(text: string, marked: readonly boolean[]): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (let to = 1; to <= text.length; to += 1) {
    if (to < text.length && marked[to] === marked[from]) continue;
    parts.push({ text: text.slice(from, to), isMatch: marked[from] });
    from = to;
  }
  return parts;
}
