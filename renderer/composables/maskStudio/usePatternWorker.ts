/** Masks drawn by a rule, one at a time; of those asked for meanwhile only the newest is drawn. */

import { onScopeDispose } from 'vue';
import type { PatternMaskOptions } from '../../../shared/images/patternMask.ts';
import type { MaskAnswer } from '../../models/maskStudio/maskWorker.ts';

export interface PatternWorkerOptions {
  accept(bytes: Uint8Array, options: PatternMaskOptions): void;
  fail(message: string): void;
}

export function usePatternWorker({ accept, fail }: PatternWorkerOptions) {
  const worker = new Worker(new URL('../../models/maskStudio/maskWorker.ts', import.meta.url), {
    type: 'module',
  });
  let turn = 0;
  let drawing: PatternMaskOptions | null = null;
  let next: PatternMaskOptions | null = null;

  function start() {
    drawing = next;
    next = null;
    if (drawing) worker.postMessage({ ...drawing, turn });
  }
  worker.addEventListener('message', ({ data }: MessageEvent<MaskAnswer>) => {
    const options = drawing;
    drawing = null;
    if (options && data.turn === turn) accept(data.bytes, options);
    start();
  });
  worker.addEventListener('error', ({ message }) => fail(message || 'The mask could not be drawn.'));
  onScopeDispose(() => worker.terminate());

  return {
    draw(options: PatternMaskOptions) {
      turn += 1;
      next = options;
      if (!drawing) start();
    },
  };
}
