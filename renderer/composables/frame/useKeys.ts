/** Keyboard commands: views register them, the frame listens for keys. */

import { useEventListener } from '@vueuse/core';
import { onScopeDispose, toValue, type MaybeRefOrGetter } from 'vue';
import { useCommandsStore } from '../../stores/commands.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { chooseCommand, type Command, type KeyFocus } from '../../models/frame/pageCommand.ts';

/** Registers commands for keys, palette and key list while the component exists. */
export function useKeys(commands: MaybeRefOrGetter<readonly Command[]>): void {
  const store = useCommandsStore();
  onScopeDispose(store.register(() => toValue(commands)));
}

/** Listens for keys on the window. Only the frame calls it. */
export function useKeyListener(): void {
  const store = useCommandsStore();
  const notices = useNoticesStore();
  /** The command whose key is held, and that key. */
  let held: { readonly command: Command; readonly key: string } | null = null;

  function letGo() {
    held?.command.release?.();
    held = null;
  }

  useEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const command = chooseCommand(store.commands, event, focusOf(event.target));
    if (!command) return;
    event.preventDefault();
    if (event.repeat && !command.isRepeating) return;
    if (command.release) {
      letGo();
      held = { command, key: event.key };
    }
    Promise.resolve(command.run(event)).catch((error: unknown) =>
      notices.fail(error, `"${command.label}" did not work`),
    );
  });
  useEventListener('keyup', ({ key }) => {
    if (held?.key === key) letGo();
  });
  useEventListener('blur', letGo);
}

const arrowUsers =
  '[role=slider],[role=tab],[role=menuitem],[role=option],[role=listbox],[role=radio],[role=separator],input[type=radio],input[type=range]';
const dialogs = '.v-overlay--active:not(.v-tooltip):not(.v-snackbar) .v-overlay__content';

function focusOf(target: EventTarget | null): KeyFocus {
  const isDialogOpen = document.querySelector(dialogs) !== null;
  if (!(target instanceof HTMLElement)) {
    return { isTyping: false, usesArrows: false, usesEnter: false, isDialogOpen };
  }
  const isField = target.matches('input, textarea, select, [role=textbox], [role=combobox]');
  const isBox = target.matches('input[type=checkbox], input[type=radio], input[type=range]');
  return {
    isTyping: (isField && !isBox) || target.isContentEditable,
    usesArrows: target.closest(arrowUsers) !== null,
    usesEnter: target.matches('button, a[href], summary, input'),
    isDialogOpen,
  };
}
