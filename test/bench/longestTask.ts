/** The longest task of a page's main thread, from a trace of Chromium. */

/** What `browser.startTracing` has to record. */
export const tracing = { categories: ['toplevel', 'devtools.timeline'] };

/** Of the events of a trace, those that are read here. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds; `tdur`: of the processor. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Returns the longest task of the pages' main threads, the one with most processor time. */
export function findLongestTask(trace: Buffer): { milliseconds: number; ofProcessor: number } {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const key = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const mainThreads = new Set(traceEvents.filter(isMain).map(key));
  const tasks = traceEvents.filter(
    (event) => event.ph === 'X' && event.name.endsWith('RunTask') && mainThreads.has(key(event)),
  );
  const longest = tasks.toSorted((one, other) => (other.tdur ?? 0) - (one.tdur ?? 0)).at(0);
  return { milliseconds: (longest?.dur ?? 0) / 1000, ofProcessor: (longest?.tdur ?? 0) / 1000 };
}
