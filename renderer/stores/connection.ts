/** Whether the main side can be reached, and how often it came back. */

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { listenToConnection } from '../api.ts';

export const useConnectionStore = defineStore('connection', () => {
  const isConnected = ref(true);
  /** Counts connections: watch it to ask again for what may have been missed. The first is 1. */
  const connections = ref(0);
  listenToConnection((state) => {
    // Told "no" before the first connection only because it is still being made.
    isConnected.value = state || connections.value === 0;
    if (state) connections.value += 1;
  });
  return { isConnected, connections };
});
