import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseCommand,
  type Command,
  type KeyFocus,
  hasModifier,
  isEditingChord,
  keyCaps,
  matchesChord,
  promisedKeys,
  type PressedKey,
} from '../../../renderer/models/frame/pageCommand.ts';
import { fuzzyMatch } from '../../../renderer/models/frame/fuzzyMatch.ts';

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

describe('promisedKeys', () => {
  it('leaves out the chords that a browser does not pass on, and has all in the desktop window', () => {
    const command = { keys: ['Mod+N', 'N', 'Mod+Shift+T', 'Mod+K'] };
    expect(promisedKeys(command, false)).toEqual(['N', 'Mod+K']);
    expect(promisedKeys(command, true)).toEqual(command.keys);
  });
});

describe('chooseCommand', () => {
  it('prefers the command that was registered last, so that views override the frame', () => {
    const commands = [command('frame', ['.']), command('view', ['.'])];
    expect(choose(commands, '.')).toBe('view');
  });

  it('skips disabled commands', () => {
    const commands = [command('frame', ['.']), command('view', ['.'], { isEnabled: () => false })];
    expect(choose(commands, '.')).toBe('frame');
  });

  it('ignores a key without a command', () => {
    expect(choose([command('one', ['a'])], 'b')).toBeNull();
  });

  it('leaves all keys to a focused text field except chords that do not edit text', () => {
    const commands = [command('new', ['Mod+N', 'N']), command('undo', ['Mod+Z']), command('help', ['?'])];
    expect(['n', '?', 'Mod+z'].map((key) => choose(commands, key, { isTyping: true }))).toEqual([
      null,
      null,
      null,
    ]);
    expect(choose(commands, 'Mod+n', { isTyping: true })).toBe('new');
  });

  it('leaves arrow keys to a focused slider, tab or menu', () => {
    const commands = [command('next', ['ArrowRight']), command('last', ['End']), command('best', ['B'])];
    expect(['ArrowRight', 'End', 'b'].map((key) => choose(commands, key, { usesArrows: true }))).toEqual([
      null,
      null,
      'best',
    ]);
    expect(choose(commands, 'ArrowRight')).toBe('next');
  });

  it('leaves Enter to a focused button or link', () => {
    const commands = [command('open', ['Enter']), command('start', ['Mod+Enter'])];
    expect(choose(commands, 'Enter', { usesEnter: true })).toBeNull();
    expect(choose(commands, 'Mod+Enter', { usesEnter: true })).toBe('start');
    expect(choose(commands, 'Enter')).toBe('open');
  });

  it('ignores commands that are not meant for dialogs while one is open', () => {
    const commands = [command('archive', ['E']), command('blink', ['`'], { isInDialogs: true })];
    expect(choose(commands, 'e', { isDialogOpen: true })).toBeNull();
    expect(choose(commands, '`', { isDialogOpen: true })).toBe('blink');
  });
});

function press(key: string, held: Partial<PressedKey> = {}): PressedKey {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held };
}

describe('key chords', () => {
  it('match Control and Command with Mod', () => {
    expect(matchesChord('Mod+K', press('k', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k', { metaKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k'))).toBe(false);
    expect(matchesChord('K', press('k', { ctrlKey: true }))).toBe(false);
  });

  it('with letters and named keys match Shift exactly if they contain it', () => {
    expect(matchesChord('Mod+Shift+E', press('E', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod+Shift+E', press('e', { ctrlKey: true }))).toBe(false);
    expect(matchesChord('E', press('E', { shiftKey: true }))).toBe(false);
    expect(matchesChord('Shift+ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(true);
    expect(matchesChord('ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(false);
  });

  it('ignore Shift for punctuation, because keyboards differ', () => {
    expect(matchesChord('?', press('?', { shiftKey: true }))).toBe(true);
    expect(matchesChord('/', press('/', { shiftKey: true }))).toBe(true);
    expect(matchesChord('1', press('1'))).toBe(true);
  });

  it('can contain plus, comma and the space bar', () => {
    expect(matchesChord('+', press('+', { shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod++', press('+', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+,', press(',', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Space', press(' '))).toBe(true);
  });

  it('match a key with Alt only if they contain it', () => {
    expect(matchesChord('N', press('n', { altKey: true }))).toBe(false);
    expect(matchesChord('Alt+N', press('n', { altKey: true }))).toBe(true);
  });

  it('belong to text fields if they edit text', () => {
    const own = ['Mod+A', 'Mod+C', 'Mod+V', 'Mod+X', 'Mod+Z', 'Mod+Shift+Z', 'Mod+ArrowLeft'];
    expect(own.filter(isEditingChord)).toEqual(own);
    expect(['Mod+K', 'Mod+N', 'Mod+Enter', 'Mod+Shift+E', 'A'].filter(isEditingChord)).toEqual([]);
    expect(['Mod+K', 'K', '?'].map(hasModifier)).toEqual([true, false, false]);
  });

  it('are displayed with the key caps of the platform', () => {
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
  it('finds the letters of the query in their order', () => {
    expect(fuzzyMatch('nr', 'New run')?.positions).toEqual([0, 4]);
    expect(fuzzyMatch('rn', 'New run')?.positions).toEqual([4, 6]);
    expect(fuzzyMatch('wx', 'New run')).toBeNull();
  });

  it('ignores case and spaces', () => {
    expect(fuzzyMatch('NEW run', 'New run')?.positions).toHaveLength(6);
  });

  it('matches every text equally for an empty query', () => {
    expect(fuzzyMatch('', 'Settings')).toEqual({ score: 0, positions: [] });
    expect(fuzzyMatch(' ', 'Settings')).toEqual({ score: 0, positions: [] });
  });

  it('ranks letters at the start of a word higher', () => {
    expect(rank('s', ['Runs', 'Mask studio', 'Settings'])).toEqual(['Settings', 'Mask studio', 'Runs']);
    expect(rank('ks', ['List of keys', 'Keys and settings'])).toEqual(['Keys and settings', 'List of keys']);
  });

  it('ranks consecutive letters higher', () => {
    expect(rank('run', ['reset unused names', 'Find runs'])).toEqual(['Find runs', 'reset unused names']);
  });

  it('tries a later start if the first one does not lead to a match', () => {
    expect(fuzzyMatch('aab', 'xaayaab')?.positions).toEqual([4, 5, 6]);
  });

  it('matches exactly the texts of which the query is a subsequence, and returns the positions of its letters', () => {
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
