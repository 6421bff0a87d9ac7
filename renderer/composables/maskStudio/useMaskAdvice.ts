/** Asks what the listed runs were trained on, and whether with masks like the one that is being edited. */

import { watchDebounced } from '@vueuse/core';
import type { ShallowRef } from 'vue';
import { mostAdvised } from '../../../shared/contract/inpainting.ts';
import { enlargeHoles, measureHoles } from '../../../shared/masks/holes.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { request } from '../../api/client.ts';
import { noAdvice, type RunAdvice, toRunAdvice } from '../../models/inpainting/runAdvice.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';

/** Milliseconds without a change after which a mask is measured. */
const pause = 300;

/** Keeps `advice` up to date with the mask, the runs and the enlargement. */
export function useMaskAdvice(
  advice: ShallowRef<RunAdvice>,
  {
    editor,
    runs,
    scale,
  }: { editor: MaskEditor; runs: () => readonly RunSummary[] | null; scale: () => number },
): void {
  let newest = 0;
  const ask = async () => {
    const number = ++newest;
    const holes = enlargeHoles(measureHoles(editor.mask), scale());
    const runIds = (runs() ?? []).slice(0, mostAdvised).map(({ id }) => id);
    // Without a known pixel nothing can be started; without advice only the warning is missing.
    const answer =
      holes.known === 0 || runIds.length === 0
        ? []
        : await request('inpaint.advise', { ...holes, runIds }).catch(() => []);
    if (number === newest) advice.value = answer.length === 0 ? noAdvice : toRunAdvice(answer);
  };
  watchDebounced([editor.state, runs, scale], ask, { debounce: pause, immediate: true });
}
