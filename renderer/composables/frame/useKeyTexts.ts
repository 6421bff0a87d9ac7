/** How the keys of commands are written on this machine. */

import { promisedKeys, describeCommand, type Command } from '../../models/frame/pageCommand.ts';
import { useSystemStore } from '../../stores/system.ts';

export const isMacKeyboard = /Mac|iPhone|iPad/.test(navigator.platform);

export interface UseKeyTextsReturn {
  /** Returns the chords of a command that work in this window. */
  keysOf(command: Command): readonly string[];
  /** Returns the tooltip of a command's button. */
  describe(command: Command): string;
}

export function useKeyTexts(): UseKeyTextsReturn {
  const system = useSystemStore();
  return {
    keysOf: (command) => promisedKeys(command, system.isDesktop),
    describe: (command) => describeCommand(command, system.isDesktop, isMacKeyboard),
  };
}
