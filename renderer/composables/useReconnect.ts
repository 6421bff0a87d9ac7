/** Asking again after the connection was lost: events may have been missed. */

import { watch } from 'vue';
import { useConnectionStore } from '../stores/connection.ts';

/** Calls `refresh` whenever the main side comes back, not at the first connection. */
export function useReconnect(refresh: () => void): void {
  const connection = useConnectionStore();
  watch(
    () => connection.connections,
    (count) => {
      if (count > 1) refresh();
    },
  );
}
