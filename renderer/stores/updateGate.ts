/** Keeps a late response from overwriting a newer event: responses and events arrive independently. */

export interface UpdateGate {
  /** Must be called with every event. */
  hear(): void;
  /** Awaits a response. `isNewest` is false if an event arrived meanwhile, which is at least as new. */
  wait<Value>(answer: Promise<Value>): Promise<{ readonly value: Value; readonly isNewest: boolean }>;
}

export function createUpdateGate(): UpdateGate {
  let heard = 0;
  return {
    hear() {
      heard += 1;
    },
    async wait(answer) {
      const before = heard;
      const value = await answer;
      return { value, isNewest: heard === before };
    },
  };
}
