/** Estimates how long filling in the image takes, whenever mask and settings have stopped changing. */

import { watchDebounced } from '@vueuse/core';
import { shallowRef, type ShallowRef } from 'vue';
import { measureTouched } from '../../../shared/masks/holes.ts';
import type { TimeEstimate } from '../../../shared/text/timeRange.ts';
import { request } from '../../api/client.ts';
import { type InpaintingForm, toSampling } from '../../models/inpainting/inpaintingForm.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';
import type { StartOptions } from './useStartInpainting.ts';

/** Milliseconds without a change after which a mask is measured. */
const pause = 300;

/** Returns the newest estimate; null before the first, and where there is nothing to fill in. */
export function useInpaintingTime({
  editor,
  form,
  filler,
}: {
  readonly editor: MaskEditor;
  readonly form: () => InpaintingForm;
  /** What fills in the image; null while unknown. */
  readonly filler: () => StartOptions['filler'] | null;
}): Readonly<ShallowRef<TimeEstimate | null>> {
  const time = shallowRef<TimeEstimate | null>(null);
  let newest = 0;
  const estimate = async () => {
    const number = ++newest;
    const chosen = filler();
    const { width, height, channels } = editor.mask;
    const known = editor.state.value.known / editor.state.value.total;
    const { fit, scale, solver, steps, samples, symmetries } = toSampling(form());
    const isNetwork = !('method' in (chosen ?? {}));
    const sampling = { fit, scale, ...(isNetwork && { solver, steps, samples, symmetries }) };
    const touched = measureTouched(editor.mask);
    // Without an estimate, starting works as well.
    const answer =
      chosen === null || known === 0 || (known === 1 && scale === 1)
        ? null
        : await request('inpaint.estimate', {
            ...chosen,
            ...sampling,
            width,
            height,
            channels,
            known,
            touched,
          }).catch(() => null);
    if (number === newest) time.value = answer;
  };
  watchDebounced([editor.state, form, filler], estimate, { debounce: pause, immediate: true });
  return time;
}
