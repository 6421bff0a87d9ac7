/** Combines many calls in a short time into one. */

export interface Throttle {
  /** Lets `flush` run once within `delay` milliseconds, unless it is scheduled already. */
  schedule(): void;
  /** Runs a scheduled `flush` at once; later calls of `schedule` do nothing. */
  close(): void;
}

/** Runs `flush` at most once every `delay` milliseconds. */
export function throttle(delay: number, flush: () => void): Throttle {
  let timer: NodeJS.Timeout | null = null;
  let flushedAt = -Infinity;
  let isClosed = false;
  const run = () => {
    timer = null;
    flushedAt = performance.now();
    flush();
  };
  return {
    schedule() {
      if (timer || isClosed) return;
      timer = setTimeout(run, Math.max(delay / 10, flushedAt + delay - performance.now()));
    },
    close() {
      isClosed = true;
      if (!timer) return;
      clearTimeout(timer);
      run();
    },
  };
}
