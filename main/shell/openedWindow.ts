/** The window as the rest of the shell finds it: there, hidden, or gone and made again. */

import type { BrowserWindow } from 'electron';

export interface OpenedWindow {
  find(): BrowserWindow | null;
  /** Makes it visible and gives it the focus; makes it first where it is gone. */
  show(): BrowserWindow;
  hide(): void;
}

export function keepWindow(create: () => BrowserWindow): OpenedWindow {
  let window: BrowserWindow | null = null;
  const find = () => (window && !window.isDestroyed() ? window : null);
  return {
    find,
    show() {
      const present = find();
      if (!present) return (window = create());
      if (present.isMinimized()) present.restore();
      present.show();
      present.focus();
      return present;
    },
    hide: () => find()?.hide(),
  };
}
