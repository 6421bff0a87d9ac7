/** Staying up to date: whether the main side can be reached, reloading after a lost connection, and late responses. */

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

/** Keeps a late response from overwriting a newer event: responses and events arrive independently. */
interface UpdateGate {
  /** Must be called with every event. */
  countEvent(): void;
  /** Awaits a response. `isNewest` is false if an event arrived meanwhile, which is at least as new. */
  wait<Value>(answer: Promise<Value>): Promise<{ readonly value: Value; readonly isNewest: boolean }>;
}

export function createUpdateGate(): UpdateGate {
  let events = 0;
  return {
    countEvent() {
      events += 1;
    },
    async wait(answer) {
      const before = events;
      const value = await answer;
      return { value, isNewest: events === before };
    },
  };
}
