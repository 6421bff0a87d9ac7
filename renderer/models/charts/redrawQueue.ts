/**
 * Draws the charts of a page one after the other, each in a task of its own: drawing all at once would keep the page from
 * reacting for as long as it takes.
 */

const waiting = new Set<() => void>();
let isScheduled = false;

/** Calls `draw` once soon, however often it is requested until then. */
export function requestRedraw(draw: () => void): void {
  waiting.add(draw);
  schedule();
}

/** Forgets a request, such as that of a chart that is removed. */
export function cancelRedraw(draw: () => void): void {
  waiting.delete(draw);
}

function schedule(): void {
  if (isScheduled || waiting.size === 0) return;
  isScheduled = true;
  setTimeout(drawNext);
}

function drawNext(): void {
  isScheduled = false;
  const draw = waiting.values().next().value;
  if (!draw) return;
  waiting.delete(draw);
  try {
    draw();
  } finally {
    schedule();
  }
}
