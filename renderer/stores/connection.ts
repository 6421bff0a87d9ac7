/** Whether the main side can be reached, and how often it came back. */

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { listenToConnection } from '../api/client.ts';

export const useConnectionStore = defineStore('connection', () => {
  const isConnected = ref(true);
  /** Counts connections: watch it to ask again for what may have been missed. The first is 1. */
  const connections = ref(0);
  let isBeginning = true;
  listenToConnection((state) => {
    // What is told at once is the state before the first attempt: no news yet.
    isConnected.value = state || isBeginning;
    if (state) connections.value += 1;
  });
  isBeginning = false;
  return { isConnected, connections };
});

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
