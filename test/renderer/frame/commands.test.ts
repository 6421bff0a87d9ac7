import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCommand, type Command, type KeyFocus } from '../../../renderer/models/frame/command.ts';
import { fuzzyMatch } from '../../../renderer/models/frame/fuzzyMatch.ts';
import {
  hasModifier,
  isEditingChord,
  keyCaps,
  matchesChord,
  type PressedKey,
} from '../../../renderer/models/frame/keyChords.ts';

const noFocus: KeyFocus = { isTyping: false, usesArrows: false, usesEnter: false, isDialogOpen: false };

function command(id: string, keys: readonly string[], more: Partial<Command> = {}): Command {
  return { id, label: id, group: 'General', keys, run: () => undefined, ...more };
}

/** Returns the ID of the command for a key; `key` may start with `Mod+`. */
function choose(commands: readonly Command[], key: string, focus: Partial<KeyFocus> = {}) {
  const isMod = key.startsWith('Mod+');
  const pressed = {
    key: isMod ? key.slice(4) : key,
    ctrlKey: isMod,
    metaKey: false,
    shiftKey: false,
    altKey: false,
  };
  return chooseCommand(commands, pressed, { ...noFocus, ...focus })?.id ?? null;
}

describe('chooseCommand', () => {
  it('The command registered last wins, so that views override the frame', () => {
    const commands = [command('frame', ['.']), command('view', ['.'])];
    expect(choose(commands, '.')).toBe('view');
  });

  it('A disabled command gives way to the next one', () => {
    const commands = [command('frame', ['.']), command('view', ['.'], { isEnabled: () => false })];
    expect(choose(commands, '.')).toBe('frame');
  });

  it('A key without a command is ignored', () => {
    expect(choose([command('one', ['a'])], 'b')).toBeNull();
  });

  it('A focused text field keeps all keys except chords it does not edit with', () => {
    const commands = [command('new', ['Mod+N', 'N']), command('undo', ['Mod+Z']), command('help', ['?'])];
    expect(['n', '?', 'Mod+z'].map((key) => choose(commands, key, { isTyping: true }))).toEqual([
      null,
      null,
      null,
    ]);
    expect(choose(commands, 'Mod+n', { isTyping: true })).toBe('new');
  });

  it('A focused slider, tab or menu keeps its arrow keys', () => {
    const commands = [command('next', ['ArrowRight']), command('last', ['End']), command('best', ['B'])];
    expect(['ArrowRight', 'End', 'b'].map((key) => choose(commands, key, { usesArrows: true }))).toEqual([
      null,
      null,
      'best',
    ]);
    expect(choose(commands, 'ArrowRight')).toBe('next');
  });

  it('A focused button or link keeps Enter', () => {
    const commands = [command('open', ['Enter']), command('start', ['Mod+Enter'])];
    expect(choose(commands, 'Enter', { usesEnter: true })).toBeNull();
    expect(choose(commands, 'Mod+Enter', { usesEnter: true })).toBe('start');
    expect(choose(commands, 'Enter')).toBe('open');
  });

  it('An open dialog blocks all commands that are not meant for dialogs', () => {
    const commands = [command('archive', ['E']), command('blink', ['`'], { isInDialogs: true })];
    expect(choose(commands, 'e', { isDialogOpen: true })).toBeNull();
    expect(choose(commands, '`', { isDialogOpen: true })).toBe('blink');
  });
});

function press(key: string, held: Partial<PressedKey> = {}): PressedKey {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held };
}

describe('key chords', () => {
  it('Mod matches Control and Command', () => {
    expect(matchesChord('Mod+K', press('k', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k', { metaKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k'))).toBe(false);
    expect(matchesChord('K', press('k', { ctrlKey: true }))).toBe(false);
  });

  it('Letters and named keys need Shift exactly if the chord contains it', () => {
    expect(matchesChord('Mod+Shift+E', press('E', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod+Shift+E', press('e', { ctrlKey: true }))).toBe(false);
    expect(matchesChord('E', press('E', { shiftKey: true }))).toBe(false);
    expect(matchesChord('Shift+ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(true);
    expect(matchesChord('ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(false);
  });

  it('Shift is ignored for punctuation, because keyboards differ', () => {
    expect(matchesChord('?', press('?', { shiftKey: true }))).toBe(true);
    expect(matchesChord('/', press('/', { shiftKey: true }))).toBe(true);
    expect(matchesChord('1', press('1'))).toBe(true);
  });

  it('Plus, comma and the space bar can be part of a chord', () => {
    expect(matchesChord('+', press('+', { shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod++', press('+', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+,', press(',', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Space', press(' '))).toBe(true);
  });

  it('A key with Alt matches only a chord with Alt', () => {
    expect(matchesChord('N', press('n', { altKey: true }))).toBe(false);
    expect(matchesChord('Alt+N', press('n', { altKey: true }))).toBe(true);
  });

  it('Editing chords belong to text fields', () => {
    const own = ['Mod+A', 'Mod+C', 'Mod+V', 'Mod+X', 'Mod+Z', 'Mod+Shift+Z', 'Mod+ArrowLeft'];
    expect(own.filter(isEditingChord)).toEqual(own);
    expect(['Mod+K', 'Mod+N', 'Mod+Enter', 'Mod+Shift+E', 'A'].filter(isEditingChord)).toEqual([]);
    expect(['Mod+K', 'K', '?'].map(hasModifier)).toEqual([true, false, false]);
  });

  it('Key caps follow the platform', () => {
    expect(keyCaps('Mod+Shift+E', false)).toEqual(['Ctrl', 'Shift', 'E']);
    expect(keyCaps('Mod+Shift+E', true)).toEqual(['⇧', '⌘', 'E']);
    expect(['Delete', 'ArrowLeft', 'Space', '+', 'Mod+,'].map((chord) => keyCaps(chord, false))).toEqual([
      ['Del'],
      ['←'],
      ['Space'],
      ['+'],
      ['Ctrl', ','],
    ]);
  });
});

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
