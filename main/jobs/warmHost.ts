/** One compute process for inpaintings: it stays a while after each, with its model loaded, so that the next is instant. */

import type { InpaintEvent, InpaintJob, PictureInpainting } from '../compute/inpaintProtocol.ts';
import type { ComputeEvent } from '../compute/protocol.ts';
import type { ComputeHost, CreateHost } from './computeHost.ts';
import { describeEarlyEnd } from './outcome.ts';

export type InpaintListener = (
  event: InpaintEvent | Extract<ComputeEvent, { readonly type: 'progress' }>,
) => void;

export interface WarmHost {
  /**
   * One at a time. null: it was cancelled.
   * @throws Error with the process's own words, or how it ended; the next job gets a new process then.
   */
  compute(job: InpaintJob, listener: InpaintListener): Promise<PictureInpainting | null>;
  /** Ends the job that is computed; the process stays unless it does not listen. */
  cancel(): void;
  /** Ends the process at once, and a job with it as if it were cancelled. */
  close(): void;
}

interface Current {
  readonly host: ComputeHost;
  readonly id: string;
  isCancelled: boolean;
  patience: NodeJS.Timeout | undefined;
}

/** Milliseconds the process is kept without work. */
const idleTime = 60_000;
/** Milliseconds a cancelled job has to end by itself. */
const cancelTime = 3000;

export function createWarmHost(createHost: CreateHost, times = { idleTime, cancelTime }): WarmHost {
  let host: ComputeHost | null = null;
  let current: Current | null = null;
  let idle: NodeJS.Timeout | undefined;
  const start = (): ComputeHost => {
    const started = createHost();
    void started.exited.then(() => {
      if (host === started) host = null;
    });
    return started;
  };
  const cancel = (work: (host: ComputeHost) => void) => {
    if (!current) return;
    current.isCancelled = true;
    work(current.host);
  };
  return {
    async compute(job, listener) {
      clearTimeout(idle);
      const used = (host ??= start());
      const running: Current = { host: used, id: job.id, isCancelled: false, patience: undefined };
      current = running;
      try {
        return await follow(running, job, listener);
      } finally {
        clearTimeout(running.patience);
        current = null;
        idle = setTimeout(() => {
          // Forgotten at once: a job that comes before the process is gone gets a new one.
          if (host === used) host = null;
          used.kill();
        }, times.idleTime);
        idle.unref();
      }
    },
    cancel: () =>
      cancel((used) => {
        used.send({ type: 'cancel', id: current?.id ?? '' });
        if (current) current.patience ??= setTimeout(() => used.kill(), times.cancelTime);
      }),
    close() {
      clearTimeout(idle);
      cancel(() => undefined);
      host?.kill();
    },
  };
}

function follow(
  running: Current,
  job: InpaintJob,
  listener: InpaintListener,
): Promise<PictureInpainting | null> {
  const { host } = running;
  const { promise, resolve, reject } = Promise.withResolvers<PictureInpainting | null>();
  let words: string | null = null;
  const release = host.onEvent((event) => {
    if (event.type === 'failed') words = event.message;
    if (event.type === 'progress') listener(event);
    if (!isAbout(event, job.id)) return;
    listener(event);
    if (event.type === 'inpainted') resolve(event.inpainting);
    if (event.type !== 'inpaintingEnded') return;
    if (event.message === null) resolve(null);
    else reject(new Error(event.message));
  });
  void host.exited.then((exit) => {
    if (running.isCancelled) resolve(null);
    else reject(new Error(words ?? describeEarlyEnd(exit)));
  });
  host.send({ type: 'inpaint', job });
  return promise.finally(release);
}

function isAbout(event: ComputeEvent, id: string): event is InpaintEvent {
  return 'id' in event && event.id === id;
}
