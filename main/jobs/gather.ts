/** Many changes in a short time, told together. */

/** `soon` lets `flush` run once within `delay` milliseconds, and not more often than every `delay`. */
export function gather(delay: number, flush: () => void): { soon(): void; end(): void } {
  let timer: NodeJS.Timeout | null = null;
  let flushedAt = -Infinity;
  let hasEnded = false;
  const now = () => {
    timer = null;
    flushedAt = performance.now();
    flush();
  };
  return {
    soon() {
      if (timer || hasEnded) return;
      timer = setTimeout(now, Math.max(delay / 10, flushedAt + delay - performance.now()));
    },
    end() {
      hasEnded = true;
      if (!timer) return;
      clearTimeout(timer);
      now();
    },
  };
}
