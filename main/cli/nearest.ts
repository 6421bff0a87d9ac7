/** "Did you mean …?" */

import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean "x"?` for a word that is near one of the known ones, else nothing. */
export function suggestNearest(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word, known);
  return distance(word, nearest) <= Math.max(2, word.length / 3) ? ` Did you mean "${nearest}"?` : '';
}
