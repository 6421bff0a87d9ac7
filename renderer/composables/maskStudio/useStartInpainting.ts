/** Puts inpaintings into their queue: one frozen request, for one picture or for several. */

import { shallowRef, type ShallowRef } from 'vue';
import { useRouter } from 'vue-router';
import { inpaintingRequestSchema, type PictureEntry } from '../../../shared/inpainting.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { request } from '../../api/client.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import type { MaskEditor } from '../../stores/maskEditor.ts';
import { toSampling, type InpaintingForm } from '../../models/inpainting/inpaintingForm.ts';

export interface StartOptions {
  readonly form: InpaintingForm;
  readonly runId: string;
  readonly truthIsKnown: boolean;
  readonly editor: MaskEditor;
  readonly pictures: readonly Pick<PictureEntry, 'id'>[];
}

export interface UseStartInpaintingReturn {
  readonly isStarting: Readonly<ShallowRef<boolean>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  /** Goes to the entry, or to the history where there are several. */
  start(options: StartOptions): Promise<void>;
}

export function useStartInpainting(): UseStartInpaintingReturn {
  const router = useRouter();
  const notices = useNoticesStore();
  const isStarting = shallowRef(false);
  const error = shallowRef<unknown>(null);

  async function startMany(frozen: Omit<ReturnType<typeof freeze>, 'pictureId'>, ids: readonly string[]) {
    const answers = await Promise.allSettled(
      ids.map((pictureId) => request('inpaint.start', { ...frozen, pictureId })),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    const started = answers.length - refused.length;
    if (started === 0 && refused[0]) throw refused[0].reason;
    if (refused[0])
      notices.fail(refused[0].reason, `${formatPlural(refused.length, 'picture')} could not be started`);
    notices.show({ level: 'success', message: `${formatPlural(started, 'inpainting')} started.` });
    await router.push('/pictures');
  }

  async function start(options: StartOptions) {
    if (isStarting.value) return;
    isStarting.value = true;
    error.value = null;
    try {
      const ids = options.pictures.map(({ id }) => id);
      const frozen = freeze(options, await giveMask(options.editor));
      if (ids.length > 1) return await startMany(frozen, ids);
      const entry = await request('inpaint.start', { ...frozen, pictureId: ids[0] });
      await router.push(`/inpaintings/${entry.id}`);
    } catch (failure) {
      error.value = failure;
    } finally {
      isStarting.value = false;
    }
  }
  return { isStarting, error, start };
}

type GivenMask = Awaited<ReturnType<typeof giveMask>>;

function freeze({ form, runId, truthIsKnown }: StartOptions, mask: GivenMask) {
  const whole = { runId, mask, truthIsKnown, ...toSampling(form) };
  return Object.freeze(inpaintingRequestSchema.omit({ pictureId: true }).parse(whole));
}

/** A mask by rule is named by its rule; one that was touched is given first. */
async function giveMask({ mask, state }: MaskEditor) {
  const { source } = state.value;
  if (source.kind === 'drawn') return source;
  const { width, height } = mask;
  const { id } = await request('masks.add', { width, height, bytes: mask.bytes.slice() });
  return { kind: 'painted', maskId: id } as const;
}
