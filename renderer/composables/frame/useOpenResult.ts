/** Opens the result of a request; if the user has gone to another view meanwhile, a notice offers it instead. */

import { useRouter, type RouteLocationRaw } from 'vue-router';
import { watchPlace } from '../../models/frame/placeWatch.ts';
import { useNoticesStore } from '../../stores/notices.ts';

export interface ViewOfResult {
  readonly to: RouteLocationRaw;
  /** What the notice says, e.g. `The run “demo” has been created.`; null: no notice, the view is left as it is. */
  readonly message: string | null;
}

/**
 * @param work Waits for the result and returns where it is shown; null if there is nothing to show. `isShown` returns whether the
 * view that asked is still shown.
 * @throws What `work` throws.
 */
export type OpenResult = (work: (isShown: () => boolean) => Promise<ViewOfResult | null>) => Promise<void>;

/** Every navigation that waits for a request goes through the function that this returns. */
export function useOpenResult(): OpenResult {
  const router = useRouter();
  const notices = useNoticesStore();
  return async (work) => {
    const place = watchPlace(router);
    try {
      const result = await work(place.isShown);
      if (result === null) return;
      const { to, message } = result;
      if (place.isShown()) await router.push(to);
      else if (message !== null) {
        const open = async () => void (await router.push(to));
        notices.show({ level: 'success', message, action: { label: 'Open', run: open }, seconds: 12 });
      }
    } finally {
      place.stop();
    }
  };
}
