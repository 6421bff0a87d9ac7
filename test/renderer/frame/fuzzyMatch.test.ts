import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzyMatch } from '../../../renderer/models/frame/fuzzyMatch.ts';

/** Returns the matching texts, best first. */
function rank(query: string, texts: readonly string[]): string[] {
  const score = (text: string) => fuzzyMatch(query, text)?.score ?? Number.NaN;
  return texts.filter((text) => fuzzyMatch(query, text)).toSorted((one, other) => score(other) - score(one));
}

describe('fuzzyMatch', () => {
  it('The letters must occur in their order', () => {
    expect(fuzzyMatch('nr', 'New run')?.positions).toEqual([0, 4]);
    expect(fuzzyMatch('rn', 'New run')?.positions).toEqual([4, 6]);
    expect(fuzzyMatch('wx', 'New run')).toBeNull();
  });

  it('Case and spaces are ignored', () => {
    expect(fuzzyMatch('NEW run', 'New run')?.positions).toHaveLength(6);
  });

  it('An empty query matches every text equally', () => {
    expect(fuzzyMatch('', 'Settings')).toEqual({ score: 0, positions: [] });
    expect(fuzzyMatch(' ', 'Settings')).toEqual({ score: 0, positions: [] });
  });

  it('A letter that starts a word ranks higher', () => {
    expect(rank('s', ['Runs', 'Mask studio', 'Settings'])).toEqual(['Settings', 'Mask studio', 'Runs']);
    expect(rank('ks', ['List of keys', 'Keys and settings'])).toEqual(['Keys and settings', 'List of keys']);
  });

  it('Consecutive letters rank higher', () => {
    expect(rank('run', ['reset unused names', 'Find runs'])).toEqual(['Find runs', 'reset unused names']);
  });

  it('A later start is tried if the first one does not lead to a match', () => {
    expect(fuzzyMatch('aab', 'xaayaab')?.positions).toEqual([4, 5, 6]);
  });

  it('A text matches exactly if the query is a subsequence, and the positions point to its letters', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'A'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (query, text) => {
        const letters = [...query.toLowerCase()].filter((letter) => letter !== ' ');
        const match = fuzzyMatch(query, text);
        expect(match !== null).toBe(isSubsequence(letters, text.toLowerCase()));
        const found = match?.positions.map((position) => text.toLowerCase()[position]);
        if (match) expect(found).toEqual(letters);
        const isAscending = match?.positions.every(
          (position, index, all) => index === 0 || all[index - 1] < position,
        );
        expect(isAscending).not.toBe(false);
      }),
      { numRuns: 3000 },
    );
  });
});

function isSubsequence(letters: readonly string[], text: string): boolean {
  let position = -1;
  return letters.every((letter) => (position = text.indexOf(letter, position + 1)) >= 0);
}
