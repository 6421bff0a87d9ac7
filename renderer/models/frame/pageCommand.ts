/** Commands that can be triggered by a key: their chords, and the choice of the command for a pressed key. */

export interface Command {
  /** Unique; a view's command takes the place of the frame's with the same id while the view is shown. */
  readonly id: string;
  /** Starts with a verb: `New run`, `Archive selected runs`. */
  readonly label: string;
  /** Text of its button, where the place says what it acts on: `Archive`; default: the label. */
  readonly caption?: string;
  /** What it does, in a tooltip or on a second line of a menu. */
  readonly hint?: string;
  /** Heading in the key list. */
  readonly group: 'General' | 'Go to' | 'Runs' | 'Run' | 'Compare' | 'Images' | 'New run' | 'Sweep';
  /** Chords such as `Mod+Shift+E`, `Delete` or `?`; the first is shown in menus. Empty: only in the palette. */
  readonly keys: readonly string[];
  /** A path of @mdi/js. */
  readonly icon?: string;
  /** Whether the command is possible now; the palette hides it if not. */
  readonly isEnabled?: () => boolean;
  /** Only in the key list, e.g. for arrow keys. */
  readonly isOutOfPalette?: boolean;
  /** Repeats while the key is held. */
  readonly isRepeating?: boolean;
  /** Also works while a dialog is open. */
  readonly isInDialogs?: boolean;
  run(event?: KeyboardEvent): void | Promise<void>;
  /** For keys that are held: called when the key is released. */
  release?(): void;
}

export function isPossible({ isEnabled }: Command): boolean {
  return isEnabled?.() ?? true;
}

/** What had the focus when the key was pressed. */
export interface KeyFocus {
  /** A text field has focus. */
  readonly isTyping: boolean;
  /** The focused control uses arrows, Home, End and Space itself: a slider, a tab, a menu, a grid. */
  readonly usesArrows: boolean;
  /** A button or link has focus and uses Enter and Space itself. */
  readonly usesEnter: boolean;
  readonly isDialogOpen: boolean;
}

/** Returns the command for a pressed key, or null. If several match, the last registered one wins. */
export function chooseCommand(
  commands: readonly Command[],
  pressed: PressedKey,
  focus: KeyFocus,
): Command | null {
  const means = (command: Command) =>
    (command.isInDialogs || !focus.isDialogOpen) &&
    command.keys.some((chord) => matchesChord(chord, pressed) && isFree(chord, focus)) &&
    isPossible(command);
  return commands.findLast(means) ?? null;
}

/** Whether the focused control does not use the chord itself. */
function isFree(chord: string, focus: KeyFocus): boolean {
  if (focus.isTyping) return hasModifier(chord) && !isEditingChord(chord);
  if (focus.usesArrows && /(^|\+)(Arrow\w+|Home|End|Space|Enter)$/.test(chord)) return false;
  return !(focus.usesEnter && /^(Space|Enter)$/.test(chord));
}

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

/** Chords that browsers keep for themselves: a page never receives them, so it does not promise them. */
const browserChords: ReadonlySet<string> = new Set(
  ['N', 'T', 'W', 'Q', 'Shift+N', 'Shift+P', 'Shift+T', 'Shift+W'].map((key) => `Mod+${key}`),
);

/** Returns the chords of a command that work here: in the desktop window all, in a browser those it leaves to pages. */
export function promisedKeys({ keys }: Pick<Command, 'keys'>, isDesktop: boolean): readonly string[] {
  return isDesktop ? keys : keys.filter((chord) => !browserChords.has(chord));
}

/** Returns the tooltip of a command's button: what it does, and its key. */
export function describeCommand(command: Command, isDesktop: boolean, isMac: boolean): string {
  const text = command.hint ?? command.label;
  const chord = promisedKeys(command, isDesktop).at(0);
  return chord === undefined ? text : `${text} (${keyCaps(chord, isMac).join('+')})`;
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
