/** Whether the main side can be reached, and how often it came back. */

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { listenToConnection } from '../api.ts';

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
