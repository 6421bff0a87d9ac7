/** Starts the demo run and opens it. */

import { shallowRef, type ShallowRef } from 'vue';
import { useRouter } from 'vue-router';
import { request } from '../../api/client.ts';
import { useNoticesStore } from '../../stores/notices.ts';

export interface UseStartDemoReturn {
  readonly isStarting: Readonly<ShallowRef<boolean>>;
  /** Starts the demo; shows a notice if that fails. */
  startDemo(): Promise<void>;
}

export function useStartDemo(): UseStartDemoReturn {
  const router = useRouter();
  const notices = useNoticesStore();
  const isStarting = shallowRef(false);

  async function startDemo() {
    isStarting.value = true;
    try {
      const run = await request('training.demo', {});
      await router.push(`/runs/${run.id}`);
    } catch (error) {
      notices.fail(error, 'The demo could not be started');
    } finally {
      isStarting.value = false;
    }
  }
  return { isStarting, startDemo };
}
