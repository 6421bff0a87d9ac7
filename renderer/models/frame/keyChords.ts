/** Key chords as commands write them (`Mod+Shift+E`, `Delete`, `?`): matching against pressed keys, and display as key caps. */

/** The fields of a KeyboardEvent that are used. */
export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

interface Chord {
  /** Control, on a Mac the command key. */
  readonly mod: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  /** `KeyboardEvent.key`, letters in lower case. */
  readonly key: string;
}

/** Whether `pressed` is the chord. Shift matters only for letters and named keys, because `?` needs it on many keyboards. */
export function matchesChord(chord: string, pressed: PressedKey): boolean {
  const wanted = parseChord(chord);
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  if (key !== wanted.key || pressed.altKey !== wanted.alt) return false;
  if ((pressed.ctrlKey || pressed.metaKey) !== wanted.mod) return false;
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  return isSign || pressed.shiftKey === wanted.shift;
}

/** Whether the chord includes Control or Command; such chords also work while a field has focus. */
export function hasModifier(chord: string): boolean {
  return parseChord(chord).mod;
}

/** Whether text fields use the chord for editing. */
export function isEditingChord(chord: string): boolean {
  const { mod, shift, key } = parseChord(chord);
  if (!mod) return false;
  return ['a', 'c', 'v', 'x', 'y', 'z'].includes(key)
    ? !shift || key === 'z'
    : /^(Arrow|Back|Del|Home|End)/.test(key);
}

/** Returns the key caps of a chord: `['Ctrl', 'Shift', 'E']`, on a Mac `['⇧', '⌘', 'E']`. */
export function keyCaps(chord: string, isMac: boolean): string[] {
  const { mod, shift, alt, key } = parseChord(chord);
  const cap = capOf[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const caps = isMac
    ? [alt && '⌥', shift && '⇧', mod && '⌘']
    : [mod && 'Ctrl', alt && 'Alt', shift && 'Shift'];
  return [...caps.filter((name) => name !== false), cap];
}

const capOf: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
  ' ': 'Space',
};

function parseChord(chord: string): Chord {
  // The last part may itself be a plus.
  const parts = chord === '+' ? ['+'] : chord.split('+');
  const key = parts.at(-1) || '+';
  const names = parts.slice(0, -1);
  return {
    mod: names.includes('Mod'),
    shift: names.includes('Shift'),
    alt: names.includes('Alt'),
    key: key === 'Space' ? ' ' : key.length === 1 ? key.toLowerCase() : key,
  };
}
