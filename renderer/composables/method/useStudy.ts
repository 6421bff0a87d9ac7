/** The study of a run: its description, the arrays of the chosen image, and the pixel that its figures show. */

import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { middleQuery } from '../../../shared/method/mapCharts.ts';
import { type Study, type StudyImage, studyMedia, type StudyRequest } from '../../../shared/study.ts';
import { parseStudyImage } from '../../../shared/studyArrays.ts';
import { listen, mediaUrl, request } from '../../api/client.ts';
import { fetchMedia } from '../../api/fetchMedia.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useQueueStore } from '../../stores/queue.ts';

export type UseStudyReturn = ReturnType<typeof useStudy>;

/** Follows the study of the run that `runId` returns. */
export function useStudy(runId: () => string) {
  const notices = useNoticesStore();
  const study = shallowRef<Study | null>(null);
  const arrays = shallowRef<StudyImage | null>(null);
  const isLoaded = ref(false);
  const error = shallowRef<unknown>(null);
  /** Place of the chosen image in the study. */
  const image = ref(0);
  const pixel = ref(0);
  /** Whether the user has chosen the pixel. */
  let isChosen = false;

  const job = useStudyJob(runId);

  async function load() {
    const id = runId();
    try {
      const found = await request('study.get', { id });
      if (id !== runId()) return;
      const isOther = found?.createdAt !== study.value?.createdAt;
      study.value = found;
      error.value = null;
      if (found && isOther) await choose(Math.min(image.value, found.images.length - 1));
    } catch (reason) {
      if (id === runId()) error.value = reason;
    } finally {
      isLoaded.value = true;
    }
  }

  async function choose(next: number) {
    const [id, of] = [runId(), study.value];
    if (!of) return;
    image.value = next;
    const file = await fetchMedia(mediaUrl(studyMedia(id, next)));
    const found = parseStudyImage(await file.arrayBuffer());
    if (id !== runId() || study.value !== of || image.value !== next) return;
    arrays.value = found;
    if (!isChosen || pixel.value >= of.height * of.width) pixel.value = middleQuery(found, of);
  }

  function choosePixel(next: number) {
    isChosen = true;
    pixel.value = next;
  }

  const chooseImage = (next: number) =>
    void choose(next).catch((reason: unknown) => notices.fail(reason, 'The image could not be read'));

  onScopeDispose(
    listen('run.studied', ({ runId: id }) => {
      if (id === runId()) void load();
    }),
  );
  watch(
    runId,
    () => {
      study.value = null;
      arrays.value = null;
      isLoaded.value = false;
      image.value = 0;
      isChosen = false;
      void load();
    },
    { immediate: true },
  );
  return {
    ...job,
    study,
    arrays,
    isLoaded,
    error,
    image,
    pixel,
    load,
    chooseImage,
    choosePixel,
  };
}

/** The study of a run as a job of the queue. */
function useStudyJob(runId: () => string) {
  const queue = useQueueStore();
  const notices = useNoticesStore();
  const lane = computed(() => {
    const active = queue.activeOf(runId());
    return active?.job.kind === 'study' ? active : null;
  });
  const isWaiting = computed(() =>
    queue.waiting.some(({ kind, runId: id }) => kind === 'study' && id === runId()),
  );

  async function start(options: StudyRequest) {
    try {
      queue.state = await request('study.start', { id: runId(), ...options, images: [...options.images] });
    } catch (reason) {
      notices.fail(reason, 'The study could not be started');
    }
  }

  const cancel = () => queue.remove({ kind: 'study', runId: runId(), name: '' });
  return { lane, isWaiting, start, cancel };
}
