/** Whether the main side can be reached, and reloading after a lost connection. */

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { listenToConnection } from '../api/client.ts';

export const useConnectionStore = defineStore('connection', () => {
  const isConnected = ref(true);
  /** Number of connections so far; a change means that events may have been missed. */
  const connections = ref(0);
  let isInitialCall = true;
  listenToConnection((state) => {
    // The first call reports the state before the first attempt, which is not a loss of connection.
    isConnected.value = state || isInitialCall;
    if (state) connections.value += 1;
  });
  isInitialCall = false;
  return { isConnected, connections };
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
