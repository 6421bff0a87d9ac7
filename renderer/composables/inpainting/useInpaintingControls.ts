/** What can be done with the inpainting that is viewed; told in a notice where it fails. */

import { useRouter } from 'vue-router';
import type { InpaintingEntry, InpaintingRequest } from '../../../shared/inpainting.ts';
import { request } from '../../api/client.ts';
import { useInpaintingStore } from '../../stores/inpainting.ts';
import { useInpaintingsStore } from '../../stores/inpaintings.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { copyPicture, savePicture, saveSamples } from '../../models/inpainting/keepPicture.ts';

export interface UseInpaintingControlsReturn {
  cancel(): Promise<void>;
  /** The same with changes, shown in the place of this one, which stays beside it to compare. */
  again(changes: Partial<InpaintingRequest>): Promise<void>;
  remove(): Promise<void>;
  saveResult(): Promise<void>;
  copyResult(): Promise<void>;
  saveMask(): Promise<void>;
  saveSamples(): Promise<void>;
}

/** @param entry Called when something is to be done. */
export function useInpaintingControls(entry: () => InpaintingEntry): UseInpaintingControlsReturn {
  const router = useRouter();
  const store = useInpaintingStore();
  const history = useInpaintingsStore();
  const notices = useNoticesStore();

  async function attempt<Answer>(what: string, work: () => Promise<Answer>): Promise<Answer | null> {
    return work().catch((error: unknown) => {
      notices.fail(error, what);
      return null;
    });
  }
  const keep = (what: string, work: (entry: InpaintingEntry) => Promise<void>) => async () =>
    void (await attempt(what, () => work(entry())));

  return {
    cancel: keep('The inpainting could not be cancelled', async ({ id }) =>
      store.accept(await request('inpaint.cancel', { id })),
    ),
    async again(changes) {
      const before = entry();
      const made = await attempt('The inpainting could not be started', () =>
        request('inpaint.start', { ...before.request, ...changes }),
      );
      if (!made) return;
      store.accept(made);
      const kept = before.result ? before.id : store.compared?.id;
      await router.push({ name: 'inpainting', params: { id: made.id }, query: kept ? { with: kept } : {} });
    },
    async remove() {
      if (await history.remove(entry())) await router.push({ name: 'pictures' });
    },
    saveResult: keep('The picture could not be saved', (one) => savePicture(one, 'result')),
    copyResult: keep('The picture could not be copied', copyPicture),
    saveMask: keep('The mask could not be saved', (one) => savePicture(one, 'mask')),
    saveSamples: keep('The samples could not be saved', saveSamples),
  };
}
