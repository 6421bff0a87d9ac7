/** Draws the mask by its rule, and again when the rule changes. */

import { shallowRef, type ShallowRef } from 'vue';
import type { DrawnMask } from '../../../shared/inpainting.ts';
import type { MaskEditor } from '../../stores/maskEditor.ts';
import { usePatternWorker } from './usePatternWorker.ts';

export interface UsePatternReturn {
  readonly isDrawing: Readonly<ShallowRef<boolean>>;
  /** null, or why it could not be drawn. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  draw(rule: DrawnMask): void;
}

/** @param isNew Whether the first rule is what the editing begins with. */
export function usePattern(editor: MaskEditor, isNew: boolean): UsePatternReturn {
  const isDrawing = shallowRef(false);
  const problem = shallowRef<string | null>(null);
  let hasBegun = !isNew;
  const worker = usePatternWorker({
    accept(bytes, { pattern, keepRatio, seed }) {
      isDrawing.value = false;
      editor[hasBegun ? 'replace' : 'begin'](bytes, { kind: 'drawn', pattern, keepRatio, seed });
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
    draw({ pattern, keepRatio, seed }) {
      const { width, height } = editor.mask;
      isDrawing.value = true;
      problem.value = null;
      worker.draw({ pattern, keepRatio, seed, width, height });
    },
  };
}
