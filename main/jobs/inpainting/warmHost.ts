/** One compute process for inpaintings: it stays alive for a while, with its model loaded, so that the next one starts at once. */

import type {
  ComputeEvent,
  EstimateJob,
  InpaintEvent,
  InpaintJob,
  InpaintedImage,
} from '../../compute/protocol.ts';
import {
  type ComputeHost,
  describeCrash,
  type CreateHost,
  describeEarlyEnd,
  retriedEvent,
} from '../computeHost.ts';

export type InpaintListener = (
  event: InpaintEvent | Extract<ComputeEvent, { readonly type: 'progress' | 'retried' }>,
) => void;

export interface WarmHost {
  /**
   * Computes one job at a time; started once more if the process crashes. Resolves to null if the job was cancelled.
   * @throws Error with the message of the process, or the way it ended; then the next job gets a new process.
   */
  compute(job: InpaintJob | EstimateJob, listener: InpaintListener): Promise<InpaintedImage | null>;
  /**
   * Starts the process and loads a checkpoint into it unless it is null, so that a job that arrives soon begins at once. Without
   * effect during a job.
   */
  prepare(checkpoint: string | null): void;
  /** Cancels the current job; the process stays alive unless it does not respond. */
  cancel(): void;
  /** Ends the process at once; a current job counts as cancelled. */
  close(): void;
}

interface Current {
  host: ComputeHost;
  readonly id: string;
  isCancelled: boolean;
  patience: NodeJS.Timeout | undefined;
}

interface State {
  /** null if there is none, or it is being ended. */
  host: ComputeHost | null;
  current: Current | null;
  idle: NodeJS.Timeout | undefined;
}

/** Milliseconds for which an idle process is kept, and after which the process of a cancelled job is ended. */
const usualTimes = { idle: 60_000, cancel: 3000 };

export function createWarmHost(
  createHost: CreateHost,
  times: { readonly idle: number; readonly cancel: number } = usualTimes,
): WarmHost {
  const state: State = { host: null, current: null, idle: undefined };
  const waitForJob = () => {
    clearTimeout(state.idle);
    state.idle = setTimeout(() => endHost(state), times.idle);
    state.idle.unref();
  };
  return {
    prepare(checkpoint) {
      if (state.current) return;
      const host = state.host ?? startHost(state, createHost);
      host.send({ type: 'prepareInpainting', checkpoint });
      waitForJob();
    },
    async compute(job, listener) {
      clearTimeout(state.idle);
      const host = state.host ?? startHost(state, createHost);
      const current: Current = { host, id: job.id, isCancelled: false, patience: undefined };
      state.current = current;
      try {
        return await follow(current, job, listener);
      } catch (error) {
        if (!(error instanceof CrashError)) throw error;
        listener(retriedEvent(error.crash));
        current.host = startHost(state, () => createHost('safe'));
        return await follow(current, job, listener).finally(() => endHost(state));
      } finally {
        clearTimeout(current.patience);
        state.current = null;
        waitForJob();
      }
    },
    cancel() {
      const { current } = state;
      if (!current || current.isCancelled) return;
      current.isCancelled = true;
      current.host.send({ type: 'cancel', id: current.id });
      current.patience = setTimeout(() => endHost(state), times.cancel);
    },
    close() {
      if (state.current) state.current.isCancelled = true;
      clearTimeout(state.idle);
      endHost(state);
    },
  };
}

/** Native code of the process crashed. */
class CrashError extends Error {
  readonly crash: string;

  constructor(crash: string, message: string) {
    super(message);
    this.crash = crash;
  }
}

function startHost(state: State, createHost: CreateHost): ComputeHost {
  const host = createHost();
  state.host = host;
  void host.exited.then(() => {
    if (state.host === host) state.host = null;
  });
  return host;
}

/** The process is forgotten at once, so that a job that arrives before it has exited gets a new one. */
function endHost(state: State): void {
  const { host } = state;
  state.host = null;
  host?.kill();
}

function follow(
  current: Current,
  job: InpaintJob | EstimateJob,
  listener: InpaintListener,
): Promise<InpaintedImage | null> {
  const { host } = current;
  const { promise, resolve, reject } = Promise.withResolvers<InpaintedImage | null>();
  let failure: string | null = null;
  const release = host.onEvent((event) => {
    if (event.type === 'failed') failure = event.message;
    if (event.type === 'progress') listener(event);
    if (!isAbout(event, job.id)) return;
    listener(event);
    if (event.type === 'inpainted') resolve(event.inpainting);
    if (event.type !== 'inpaintingEnded') return;
    if (event.message === null) resolve(null);
    else reject(new Error(event.message));
  });
  void host.exited.then((exit) => {
    const crash = failure === null ? describeCrash(exit) : null;
    if (current.isCancelled) resolve(null);
    else if (crash) reject(new CrashError(crash, describeEarlyEnd(exit)));
    else reject(new Error(failure ?? describeEarlyEnd(exit)));
  });
  host.send('method' in job ? { type: 'estimate', job } : { type: 'inpaint', job });
  return promise.finally(release);
}

function isAbout(event: ComputeEvent, id: string): event is InpaintEvent {
  return 'id' in event && event.id === id;
}
