/** Whether the main side can be reached, and reloading after a lost connection. */

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { listenToConnection } from '../api/client.ts';

export const useConnectionStore = defineStore('connection', () => {
  const isConnected = ref(true);
  /** Number of connections so far; a change means that events may have been missed. */
  const connections = ref(0);
  /** When the connection was lost, ISO 8601; null while there is one. */
  const lostAt = ref<string | null>(null);
  let isInitialCall = true;
  listenToConnection((state) => {
    // The first call reports the state before the first attempt, which is not a loss of connection.
    isConnected.value = state || isInitialCall;
    lostAt.value = isConnected.value ? null : (lostAt.value ?? new Date().toISOString());
    if (state) connections.value += 1;
  });
  isInitialCall = false;
  return { isConnected, lostAt, connections };
});

/** Calls `refresh` after every reconnection, because events may have been missed. */
export function useReconnect(refresh: () => void): void {
  const connection = useConnectionStore();
  watch(
    () => connection.connections,
    (count) => {
      if (count > 1) refresh();
    },
  );
}
