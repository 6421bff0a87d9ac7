/** What can be done by a key, and which of them a pressed key means. */

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
  /** false: not now. Also hides it from the palette. */
  readonly isEnabled?: () => boolean;
  /** Key list only, e.g. for arrow keys. */
  readonly isOutOfPalette?: boolean;
  /** Goes on while the key is held. */
  readonly isRepeating?: boolean;
  /** Also acts while a dialog is open. */
  readonly isInDialogs?: boolean;
  run(event?: KeyboardEvent): void | Promise<void>;
  /** For keys that are held: called when the key is let go. */
  release?(): void;
}

/** Where the key was pressed. */
export interface KeyFocus {
  /** A text field has focus. */
  readonly isTyping: boolean;
  /** A control that needs arrows, Home, End and Space for itself has focus: a slider, a tab, a menu, a grid. */
  readonly usesArrows: boolean;
  /** A button or a link has focus: Enter and Space are its own. */
  readonly usesEnter: boolean;
  readonly isDialogOpen: boolean;
}

/** The command a key means, or null. Of several the last registered acts. */
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

/** Whether the focused control has no use of its own for the chord. */
function isFree(chord: string, focus: KeyFocus): boolean {
  if (focus.isTyping) return hasModifier(chord) && !isEditingChord(chord);
  if (focus.usesArrows && /(^|\+)(Arrow\w+|Home|End|Space|Enter)$/.test(chord)) return false;
  return !(focus.usesEnter && /^(Space|Enter)$/.test(chord));
}
