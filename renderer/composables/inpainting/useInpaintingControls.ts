/** Actions on the inpainting that is shown. A failure is shown as a notice. */

import {
  type InpaintingEntry,
  inpaintingMedia,
  type InpaintingImage,
  type InpaintingRequest,
} from '../../../shared/inpainting.ts';
import { mediaUrl, request } from '../../api/client.ts';
import { fetchMedia } from '../../api/fetchMedia.ts';
import { copyPng, fileName, saveFile } from '../../api/saveFile.ts';
import { useInpaintingStore } from '../../stores/inpainting/inpainting.ts';
import { useInpaintingsStore } from '../../stores/inpainting/inpaintings.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';

export interface UseInpaintingControlsReturn {
  cancel(): Promise<void>;
  /** Starts the same inpainting with changes and opens it; this one is kept for comparison. */
  again(changes: Partial<InpaintingRequest>): Promise<void>;
  remove(): Promise<void>;
  saveResult(): Promise<void>;
  copyResult(): Promise<void>;
  saveMask(): Promise<void>;
  saveSamples(): Promise<void>;
}

/** @param entry Returns the current inpainting. */
export function useInpaintingControls(entry: () => InpaintingEntry): UseInpaintingControlsReturn {
  const openResult = useOpenResult();
  const store = useInpaintingStore();
  const history = useInpaintingsStore();
  const notices = useNoticesStore();

  async function attempt<Answer>(message: string, work: () => Promise<Answer>): Promise<Answer | null> {
    return work().catch((error: unknown) => {
      notices.fail(error, message);
      return null;
    });
  }
  /** Creates an action that reports its failure as `message`. */
  const action = (message: string, work: (entry: InpaintingEntry) => Promise<void>) => async () =>
    void (await attempt(message, () => work(entry())));

  return {
    cancel: action('The inpainting could not be cancelled', ({ id }) =>
      store.show(request('inpaint.cancel', { id })),
    ),
    async again(changes) {
      const before = entry();
      await openResult(async (isShown) => {
        const next = await attempt('The inpainting could not be started', () =>
          request('inpaint.start', { ...before.request, ...changes, batchId: undefined }),
        );
        if (!next) return null;
        if (isShown()) store.accept(next);
        const kept = before.result ? before.id : store.compared?.id;
        const query = kept ? { with: kept } : {};
        return {
          to: { name: 'inpainting', params: { id: next.id }, query },
          message: `The inpainting of ${next.image.name} has been started.`,
        };
      });
    },
    remove: () =>
      openResult(async () =>
        (await history.remove([entry()])) ? { to: { name: 'images' }, message: null } : null,
      ),
    saveResult: action('The image could not be saved', (current) => saveImage(current, 'result')),
    copyResult: action('The image could not be copied', copyResult),
    saveMask: action('The mask could not be saved', (current) => saveImage(current, 'mask')),
    saveSamples: action('The samples could not be saved', saveSamples),
  };
}

/** Saves an image as it is stored; results have their provenance in the metadata. @throws Error if it does not exist. */
async function saveImage(entry: InpaintingEntry, image: InpaintingImage): Promise<void> {
  const blob = await fetchImageFile(entry.id, image);
  saveFile(fileName(withoutExtension(entry.image.name), image, entry.id, 'png'), blob);
}

/** Saves the samples one after another, because browsers ask for permission once. */
async function saveSamples(entry: InpaintingEntry): Promise<void> {
  for (let sample = 1; sample <= entry.request.samples; sample++) await saveImage(entry, `sample-${sample}`);
}

async function copyResult(entry: InpaintingEntry): Promise<void> {
  await copyPng(fetchImageFile(entry.id, 'result'));
}

function fetchImageFile(id: string, image: InpaintingImage): Promise<Blob> {
  return fetchMedia(mediaUrl(inpaintingMedia(id, image)));
}

function withoutExtension(name: string): string {
  return name.replace(/\.(png|jpe?g|webp)$/i, '');
}
