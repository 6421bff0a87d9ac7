/** Fuzzy search: finds a text by a few of its letters. */

export interface FuzzyMatch {
  /** Higher is better. */
  readonly score: number;
  /** Indices of the matched letters, ascending. */
  readonly positions: readonly number[];
}

/**
 * Matches if the letters of `query` occur in `text` in this order; spaces and case are ignored.
 * Letters at the start of a word and consecutive letters score higher; an empty query matches every text equally.
 */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | null {
  const letters = [...query.toLowerCase()].filter((letter) => letter !== ' ');
  const lower = text.toLowerCase();
  let best: FuzzyMatch | null = letters.length === 0 ? { score: 0, positions: [] } : null;
  // Tries every position of the first letter and matches greedily from there.
  for (let start = lower.indexOf(letters[0]); start >= 0; start = lower.indexOf(letters[0], start + 1)) {
    // Preferring the start of a word may leave later letters without a match.
    const match =
      matchFrom(letters, lower, start, preferWordStart) ?? matchFrom(letters, lower, start, takeNearest);
    if (!match) break;
    if (!best || match.score > best.score) best = match;
  }
  return best;
}

type FindPlace = (text: string, letter: string, from: number) => number;

function matchFrom(
  letters: readonly string[],
  text: string,
  start: number,
  find: FindPlace,
): FuzzyMatch | null {
  const positions = [start];
  for (const letter of letters.slice(1)) {
    const from = positions[positions.length - 1] + 1;
    // A consecutive letter is better than the same letter at the start of a later word.
    const next = text[from] === letter ? from : find(text, letter, from);
    if (next < 0) return null;
    positions.push(next);
  }
  return { score: scoreOf(positions, text), positions };
}

/** Returns the position of the letter at the start of a word, else anywhere, else -1. */
function preferWordStart(text: string, letter: string, from: number): number {
  const anywhere = text.indexOf(letter, from);
  if (anywhere < 0) return -1;
  for (let place = anywhere; place >= 0; place = text.indexOf(letter, place + 1)) {
    if (isWordStart(text, place)) return place;
  }
  return anywhere;
}

function takeNearest(text: string, letter: string, from: number): number {
  return text.indexOf(letter, from);
}

function isWordStart(text: string, place: number): boolean {
  return place === 0 || /[^\p{L}\p{N}]/u.test(text[place - 1]);
}

function scoreOf(positions: readonly number[], text: string): number {
  let score = -positions[0] / 100 - text.length / 1000;
  for (const [index, place] of positions.entries()) {
    if (isWordStart(text, place)) score += 3;
    if (index > 0 && positions[index - 1] === place - 1) score += 4;
  }
  return score;
}
