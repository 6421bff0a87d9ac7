/** The inpainting that is computed now, and word of its end to whoever looks at something else. */

import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { useRouter } from 'vue-router';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import { listen, request } from '../../api/client.ts';
import { resultPsnr } from '../../models/inpainting/describeInpainting.ts';
import { createUpdateGate } from '../../stores/updateGate.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useReconnect } from '../../stores/connection.ts';

/** As many as may wait before the one that runs: the list begins with the newest. */
const lookedThrough = 200;

/** null: none is computed. For as long as the frame lives. */
export function useInpaintingNews(): Readonly<ShallowRef<InpaintingEntry | null>> {
  const running = shallowRef<InpaintingEntry | null>(null);
  const gate = createUpdateGate();
  const tellEnd = createTellEnd();

  function hear(entry: InpaintingEntry) {
    gate.hear();
    if (entry.status === 'running') running.value = entry;
    else if (entry.id === running.value?.id) {
      running.value = null;
      tellEnd(entry);
    }
  }

  async function load() {
    try {
      const answer = await gate.wait(request('inpaint.list', { text: '', limit: lookedThrough }));
      if (answer.isNewest)
        running.value = answer.value.entries.find(({ status }) => status === 'running') ?? null;
    } catch {
      // The next news says it too; the views say what could not be read.
    }
  }

  onScopeDispose(listen('inpaint.changed', hear));
  useReconnect(() => void load());
  void load();
  return running;
}

/** Nothing where its own view or the history shows it, and nothing of an end that was asked for. */
function createTellEnd(): (entry: InpaintingEntry) => void {
  const router = useRouter();
  const notices = useNoticesStore();
  return (entry) => {
    const { name, params } = router.currentRoute.value;
    if (name === 'images' || (name === 'inpainting' && params.id === entry.id)) return;
    const open = () => void router.push({ name: 'inpainting', params: { id: entry.id } });
    const action = { label: 'Open', run: open };
    const what = `The inpainting of ${entry.image.name}`;
    if (entry.status === 'finished') {
      const psnr = resultPsnr(entry);
      notices.show({ message: `${what} is done${psnr ? `: ${psnr}` : ''}.`, action });
    } else if (entry.status === 'failed')
      notices.show({ level: 'error', message: `${what} failed. ${entry.error ?? ''}`.trim(), action });
  };
}
