/**
 * Keyboard focus of dialogs and menus: it moves into one that opens and returns to where it came from. The native `autofocus`
 * works only once in a document, and Vuetify's `captureFocus` moves the focus to the first button whenever the page had it after
 * the dialog opened; everything that opens above the page uses this instead.
 */

import { nextTick, onBeforeUnmount, watch } from 'vue';

/** Marks the element that gets the focus, or a component around its field. Without one it is the first field or button. */
export const initialFocus = 'data-initial-focus';

/** An open dialog or menu. */
interface Overlay {
  content(): HTMLElement | null;
  /** Elements to return to, the best one first: the next one counts when those before it no longer exist. */
  readonly origins: readonly HTMLElement[];
}

const open = new Set<Overlay>();

/**
 * Moves the focus for one dialog or menu.
 * @param content Returns its element; null before it is rendered.
 */
export function useOverlayFocus(isOpen: () => boolean, content: () => HTMLElement | null): void {
  let overlay: Overlay | null = null;

  function leave() {
    if (!overlay) return;
    open.delete(overlay);
    returnFocus(overlay);
    overlay = null;
  }

  watch(
    isOpen,
    async (isNow) => {
      if (!isNow) return leave();
      const opened = { content, origins: findOrigins() };
      overlay = opened;
      open.add(opened);
      await nextTick();
      // Before its first layout a menu is hidden and cannot have the focus.
      const tries = 30;
      for (let count = 0; count < tries && open.has(opened) && !takeFocus(content()); count++)
        await nextFrame();
    },
    { immediate: true },
  );
  onBeforeUnmount(leave);
}

/** Focuses an element, or the field in it. The text of a line is selected, so that typing replaces it. */
export function focusField(element: HTMLElement): void {
  const field = element.matches(fields) ? element : (element.querySelector<HTMLElement>(fields) ?? element);
  field.focus({ preventScroll: true });
  if (field instanceof HTMLInputElement) field.select();
}

const fields =
  'input:not([type=hidden]):not(:disabled), textarea:not(:disabled):not([aria-hidden]), select:not(:disabled)';
const controls = `${fields}, [role=menuitem], .v-list-item[tabindex], button:not(:disabled), a[href], [tabindex="0"]`;

/** Moves the focus into `content`; returns whether it is there. */
function takeFocus(content: HTMLElement | null): boolean {
  if (!content) return false;
  if (!content.contains(document.activeElement)) {
    const first = [`[${initialFocus}]`, fields, controls].map((wanted) => firstVisible(content, wanted));
    const target = first.find((found) => found !== null);
    if (target) focusField(target);
  }
  return content.contains(document.activeElement) && document.activeElement !== content;
}

function firstVisible(content: HTMLElement, selector: string): HTMLElement | null {
  return [...content.querySelectorAll<HTMLElement>(selector)].find((each) => each.checkVisibility()) ?? null;
}

/** Returns the focused element, then the origins of the overlay that contains it, such as a menu that will be closed. */
function findOrigins(): readonly HTMLElement[] {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return [];
  const around = [...open].findLast(({ content }) => content()?.contains(focused));
  return [focused, ...(around?.origins ?? [])];
}

/** Returns the focus unless the user or a new view has already moved it elsewhere. */
function returnFocus({ content, origins }: Overlay): void {
  const focused = document.activeElement;
  if (focused && focused !== document.body && !content()?.contains(focused)) return;
  const main = document.querySelector<HTMLElement>('main');
  [...origins, ...(main ? [main] : [])].some((origin) => {
    origin.focus({ preventScroll: true });
    return document.activeElement === origin;
  });
}

function nextFrame(): Promise<unknown> {
  return new Promise((resolve) => void requestAnimationFrame(resolve));
}
