/** The time that a run has trained: what its budget in minutes counts, and its learning rate may follow. */

export interface TrainingClock {
  /** Seconds of training, those of earlier segments included. Never decreases. */
  seconds(): number;
  /** Called after every step; the clock starts after the first one of a process, which compiles the graph. */
  countStep(): void;
  /** Ends the training of this process: the clock keeps what it shows. */
  stop(): void;
  /** Takes time off that was not training, such as the compilation of another graph. */
  exclude(milliseconds: number): void;
}

/** Creates a clock that shows `secondsBefore` until it starts; `now` returns milliseconds. */
export function createTrainingClock(
  secondsBefore: number,
  now: () => number = () => performance.now(),
): TrainingClock {
  let startedAt: number | null = null;
  let stoppedAt: number | null = null;
  return {
    seconds: () => secondsBefore + (startedAt === null ? 0 : ((stoppedAt ?? now()) - startedAt) / 1000),
    countStep() {
      startedAt ??= now();
    },
    stop() {
      stoppedAt ??= now();
    },
    exclude(milliseconds) {
      if (startedAt !== null && stoppedAt === null) startedAt = Math.min(now(), startedAt + milliseconds);
    },
  };
}
