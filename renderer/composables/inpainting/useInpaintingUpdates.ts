/** The inpainting that is computed now, and a notice when it ends while another view is shown. */

import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { useRouter } from 'vue-router';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import { listen, request } from '../../api/client.ts';
import { resultPsnr } from '../../models/inpainting/describeInpainting.ts';
import { useReconnect } from '../../stores/connection.ts';
import { createUpdateGate } from '../../stores/updateGate.ts';
import { useNoticesStore } from '../../stores/notices.ts';

/** Number of entries in which the running one is searched; the list begins with the newest, which may be waiting. */
const searchedEntries = 200;

/** Returns the running inpainting; null if there is none. */
export function useInpaintingUpdates(): Readonly<ShallowRef<InpaintingEntry | null>> {
  const running = shallowRef<InpaintingEntry | null>(null);
  const gate = createUpdateGate();
  const announceEnd = useEndNotice();

  function update(entry: InpaintingEntry) {
    gate.countEvent();
    if (entry.status === 'running') running.value = entry;
    else if (entry.id === running.value?.id) {
      running.value = null;
      announceEnd(entry);
    }
  }

  async function load() {
    try {
      const answer = await gate.wait(request('inpaint.list', { text: '', limit: searchedEntries }));
      if (answer.isNewest)
        running.value = answer.value.entries.find(({ status }) => status === 'running') ?? null;
    } catch {
      // The next event updates the value; the views show the error.
    }
  }

  onScopeDispose(listen('inpaint.changed', update));
  useReconnect(() => void load());
  void load();
  return running;
}

/** Shows a notice of a result or failure, unless the inpainting's own view or the history shows it. A requested end needs none. */
function useEndNotice(): (entry: InpaintingEntry) => void {
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
      notices.show({ message: `${what} is done${psnr ? `: hidden pixels ${psnr}` : ''}.`, action });
    } else if (entry.status === 'failed')
      notices.show({ level: 'error', message: `${what} failed. ${entry.error ?? ''}`.trim(), action });
  };
}
