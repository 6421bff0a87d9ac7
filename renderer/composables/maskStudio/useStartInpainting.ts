/** Starts the inpainting of one or more images with the same settings. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { inpaintingFields, type ClassicalMethod, type ImageEntry } from '../../../shared/inpainting.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { request } from '../../api/client.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';
import { toSampling, type InpaintingForm } from '../../models/inpainting/inpaintingForm.ts';
import { useOpenResult, type ViewOfResult } from '../frame/useOpenResult.ts';

export interface StartOptions {
  readonly form: InpaintingForm;
  /** What fills in the images. */
  readonly filler: { readonly runId: string } | { readonly method: ClassicalMethod };
  readonly truthIsKnown: boolean;
  readonly editor: MaskEditor;
  readonly images: readonly Pick<ImageEntry, 'id'>[];
  /** Returns the ID of an image's own mask; null if it gets that of the editor. */
  maskOf(imageId: string): { readonly maskId: string; readonly file: string } | null;
}

/** Milliseconds after which the run is loaded again; the process keeps it for a minute. */
const preparedFor = 40_000;

/**
 * Starts the compute process and loads the chosen run while the mask is edited, so that the first result comes at once.
 * @param filler Returns what fills in the image; null while that is unknown.
 */
export function usePreparedFiller(filler: () => StartOptions['filler'] | null, editor: MaskEditor): void {
  let preparedAt = -Infinity;
  const prepare = () => {
    const chosen = filler();
    if (chosen === null) return;
    preparedAt = performance.now();
    // If this fails, only the first result takes longer; starting reports the error.
    request('inpaint.prepare', 'method' in chosen ? {} : chosen).catch(() => undefined);
  };
  watch(filler, prepare, { immediate: true });
  onScopeDispose(
    editor.onChange(() => {
      if (performance.now() - preparedAt > preparedFor) prepare();
    }),
  );
}

export interface UseStartInpaintingReturn {
  readonly isStarting: Readonly<ShallowRef<boolean>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  /** Opens the inpainting, or the history if there are several. */
  start(options: StartOptions): Promise<void>;
}

export function useStartInpainting(): UseStartInpaintingReturn {
  const openResult = useOpenResult();
  const notices = useNoticesStore();
  const isStarting = shallowRef(false);
  const error = shallowRef<unknown>(null);

  async function startMany(
    common: Omit<ReturnType<typeof createRequest>, 'pictureId'>,
    { images, maskOf }: StartOptions,
  ): Promise<ViewOfResult> {
    const batchId = createBatchId();
    const answers = await Promise.allSettled(
      images.map(({ id }) => {
        const ownMask = maskOf(id);
        // Pixels that a mask file hides are damaged.
        const own =
          ownMask === null ? {} : ({ mask: { kind: 'painted', ...ownMask }, truthIsKnown: false } as const);
        return request('inpaint.start', { ...common, ...own, pictureId: id, batchId });
      }),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    const started = answers.length - refused.length;
    if (started === 0 && refused[0]) throw refused[0].reason;
    if (refused[0])
      notices.fail(refused[0].reason, `${formatPlural(refused.length, 'inpainting')} could not be started`);
    const message = `${formatPlural(started, 'inpainting')} started.`;
    notices.show({ level: 'success', message });
    return { to: '/images', message };
  }

  async function start(options: StartOptions) {
    if (isStarting.value) return;
    isStarting.value = true;
    error.value = null;
    try {
      await openResult(async () => {
        const common = createRequest(options, await addMask(options.editor));
        const { images } = options;
        if (images.length > 1) return startMany(common, options);
        const entry = await request('inpaint.start', { ...common, pictureId: images[0].id });
        const message = `The inpainting of ${entry.image.name} has been started.`;
        return { to: `/inpaintings/${entry.id}`, message };
      });
    } catch (failure) {
      error.value = failure;
    } finally {
      isStarting.value = false;
    }
  }
  return { isStarting, error, start };
}

/** Returns a random ID of 8 characters. */
function createBatchId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => letters[byte % letters.length]).join(
    '',
  );
}

type StoredMask = Awaited<ReturnType<typeof addMask>>;

function createRequest({ form, filler, truthIsKnown }: StartOptions, mask: StoredMask) {
  const sampling = 'method' in filler ? { scale: form.scale } : toSampling(form);
  const settings = { ...filler, mask, truthIsKnown, ...sampling };
  return Object.freeze(inpaintingFields.omit({ pictureId: true }).parse(settings));
}

/** Returns the pattern of the mask; a painted mask is uploaded and returned by its ID. */
async function addMask({ mask, state }: MaskEditor) {
  const { source } = state.value;
  if (source.kind === 'drawn') return source;
  const { width, height, channels, bits } = mask;
  const { id } = await request('masks.add', { width, height, channels, bytes: bits.slice() });
  return { ...source, maskId: id };
}
