/** Short messages in the corner: what happened, with an optional action. */

import { defineStore } from 'pinia';
import { computed, shallowRef, type ShallowRef } from 'vue';
import type { Notice } from '../../shared/appInfo.ts';
import { listen } from '../api/client.ts';
import { explainError } from '../models/frame/explainError.ts';

export interface NoticeAction {
  readonly label: string;
  run(): void | Promise<void>;
}

export interface ShownNotice {
  readonly id: number;
  readonly level: Notice['level'];
  readonly message: string;
  /** Offers "Open run". */
  readonly runId: string | null;
  readonly action: NoticeAction | null;
  readonly isUndo: boolean;
  /** For "Copy details"; null: nothing to copy. */
  readonly details: string | null;
  /** Seconds until it disappears; null: stays until dismissed. */
  readonly seconds: number | null;
}

export type NoticeOptions = Pick<ShownNotice, 'message'> & Partial<Omit<ShownNotice, 'id' | 'message'>>;

/** Greatest number of notices; the oldest are dropped. */
const capacity = 4;

export const useNoticesStore = defineStore('notices', () => {
  const notices = shallowRef<readonly ShownNotice[]>([]);
  /** The newest notice with an action that can be undone. */
  const undoable = computed(() => notices.value.findLast(({ isUndo }) => isUndo) ?? null);
  const show = createShow(notices);

  function dismiss(id: number) {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }

  /** Runs the action of a notice and dismisses it. */
  async function act(notice: ShownNotice) {
    dismiss(notice.id);
    try {
      await notice.action?.run();
    } catch (error) {
      fail(error, `"${notice.action?.label}" did not work`);
    }
  }

  /** Reports an action that can be undone with the button or Ctrl+Z. */
  function showUndoable(message: string, undo: () => void | Promise<void>): number {
    return show({ message, isUndo: true, action: { label: 'Undo', run: undo }, seconds: 12 });
  }

  /** Reports a failure; `what` is the first sentence without its full stop, e.g. `The run could not be renamed`. */
  function fail(error: unknown, what: string): number {
    const { message, details } = explainError(error);
    return show({ level: 'error', message: `${what}. ${message}`, details });
  }

  listen('notice', show);

  return { notices, undoable, show, showUndoable, fail, dismiss, act };
});

/** Adds a notice and returns its ID. A repeated message replaces the earlier one. */
function createShow(notices: ShallowRef<readonly ShownNotice[]>) {
  let lastId = 0;
  return (options: NoticeOptions): number => {
    const level = options.level ?? 'info';
    const isLasting = level === 'error' || level === 'warning';
    const blank = { runId: null, action: null, isUndo: false, details: null, seconds: isLasting ? 15 : 6 };
    const notice: ShownNotice = { ...blank, ...options, level, id: (lastId += 1) };
    const others = notices.value.filter(({ message }) => message !== notice.message);
    notices.value = [...others, notice].slice(-capacity);
    return notice.id;
  };
}
