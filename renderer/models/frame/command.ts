/** Commands that can be triggered by a key, and the choice of the one that a pressed key means. */

import { hasModifier, isEditingChord, matchesChord, type PressedKey } from './keyChords.ts';

export interface Command {
  /** Unique; a view's command takes the place of the frame's with the same id while the view is shown. */
  readonly id: string;
  /** Starts with a verb: `New run`, `Archive selected runs`. */
  readonly label: string;
  /** Heading in the key list. */
  readonly group: 'General' | 'Go to' | 'Runs' | 'Run' | 'Images' | 'New run';
  /** Chords as `keyChords.ts` reads them; the first is shown in menus. Empty: only in the palette. */
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
    (command.isEnabled?.() ?? true);
  return commands.findLast(means) ?? null;
}

/** Whether the focused control does not use the chord itself. */
function isFree(chord: string, focus: KeyFocus): boolean {
  if (focus.isTyping) return hasModifier(chord) && !isEditingChord(chord);
  if (focus.usesArrows && /(^|\+)(Arrow\w+|Home|End|Space|Enter)$/.test(chord)) return false;
  return !(focus.usesEnter && /^(Space|Enter)$/.test(chord));
}
