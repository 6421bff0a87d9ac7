/** Answers and events travel on two ways: an answer must not overwrite news that overtook it. */

export interface NewsGate {
  /** To be called with every event. */
  hear(): void;
  /** Not the newest: an event arrived while the answer was on its way, and is as new or newer. */
  wait<Value>(answer: Promise<Value>): Promise<{ readonly value: Value; readonly isNewest: boolean }>;
}

export function createNewsGate(): NewsGate {
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
