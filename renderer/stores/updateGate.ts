/** Keeps a late response from overwriting a newer event: responses and events arrive independently. */

export interface UpdateGate {
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
