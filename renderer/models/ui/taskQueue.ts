/**
 * Does expensive work, such as drawing the charts or rendering the parts of a page, one piece after the other, each in a task of
 * its own: all at once would keep the page from reacting for as long as it takes.
 */

const waiting = new Set<() => void>();
let isScheduled = false;

/** Calls `work` once soon, after what was requested before, however often it is requested until then. */
export function requestTask(work: () => void): void {
  waiting.add(work);
  schedule();
}

/** Forgets a request, such as that of a chart that is removed. */
export function cancelTask(work: () => void): void {
  waiting.delete(work);
}

/** Resolves in a task of its own. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => requestTask(resolve));
}

function schedule(): void {
  if (isScheduled || waiting.size === 0) return;
  isScheduled = true;
  setTimeout(runNext);
}

function runNext(): void {
  isScheduled = false;
  const work = waiting.values().next().value;
  if (!work) return;
  waiting.delete(work);
  try {
    work();
  } finally {
    schedule();
  }
}
