/** Starts the demo run and opens it. */

import { shallowRef, type ShallowRef } from 'vue';
import { request } from '../../api/client.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';

export interface UseStartDemoReturn {
  readonly isStarting: Readonly<ShallowRef<boolean>>;
  /** Starts the demo; shows a notice if that fails. */
  startDemo(): Promise<void>;
}

export function useStartDemo(): UseStartDemoReturn {
  const openResult = useOpenResult();
  const notices = useNoticesStore();
  const isStarting = shallowRef(false);

  async function startDemo() {
    isStarting.value = true;
    try {
      await openResult(async () => {
        const run = await request('training.demo', {});
        return { to: `/runs/${run.id}`, message: 'The demo has been started.' };
      });
    } catch (error) {
      notices.fail(error, 'The demo could not be started');
    } finally {
      isStarting.value = false;
    }
  }
  return { isStarting, startDemo };
}
