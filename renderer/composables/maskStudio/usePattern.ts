/** Generates the mask from a pattern in a worker. */

import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import type { MaskValues } from '../../../shared/images/mask.ts';
import type { DrawnMask } from '../../../shared/inpainting.ts';
import type { MaskAnswer, MaskOrder } from '../../models/maskStudio/maskWorker.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';

export interface UsePatternReturn {
  readonly isDrawing: Readonly<ShallowRef<boolean>>;
  /** Why the mask could not be generated; null if it was. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  draw(pattern: DrawnMask): void;
}

/** @param isNew Whether the first pattern is the initial mask of the editor. */
export function usePattern(editor: MaskEditor, isNew: boolean): UsePatternReturn {
  const isDrawing = shallowRef(false);
  const problem = shallowRef<string | null>(null);
  let hasBegun = !isNew;
  const worker = usePatternWorker({
    accept(mask, { drawn }) {
      isDrawing.value = false;
      editor[hasBegun ? 'replace' : 'begin'](mask, drawn);
      hasBegun = true;
    },
    fail(message) {
      isDrawing.value = false;
      problem.value = message;
    },
  });
  return {
    isDrawing,
    problem,
    draw(drawn) {
      const { width, height } = editor.mask;
      isDrawing.value = true;
      problem.value = null;
      // The form's record is reactive, which cannot be sent to a worker.
      worker.draw({ drawn: { ...drawn }, width, height });
    },
  };
}

interface PatternWorkerOptions {
  accept(mask: MaskValues, options: MaskOrder): void;
  fail(message: string): void;
}

/** Runs one request at a time; of those made meanwhile, only the newest is answered. */
function usePatternWorker({ accept, fail }: PatternWorkerOptions) {
  const worker = new Worker(new URL('../../models/maskStudio/maskWorker.ts', import.meta.url), {
    type: 'module',
  });
  let generation = 0;
  let current: MaskOrder | null = null;
  let next: MaskOrder | null = null;

  function start() {
    current = next;
    next = null;
    if (current) worker.postMessage({ ...current, generation });
  }
  worker.addEventListener('message', ({ data }: MessageEvent<MaskAnswer>) => {
    const options = current;
    current = null;
    if (options && data.generation === generation) accept(data.mask, options);
    start();
  });
  worker.addEventListener('error', ({ message }) => fail(message || 'The mask could not be generated.'));
  onScopeDispose(() => worker.terminate());

  return {
    draw(options: MaskOrder) {
      generation += 1;
      next = options;
      if (!current) start();
    },
  };
}
