/** One inpainting while it is computed: progress, images as they arrive, and final status. */

import { describeError } from '../../../shared/text/describeError.ts';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import { keepEntryFile } from '../../store/inpaintings/tidyInpaintings.ts';
import { type StoredInpainting, updateInpainting } from '../../store/inpaintings/inpaintings.ts';
import type { Store } from '../../store/store.ts';
import { prepareJob } from './inpaintingPlan.ts';
import { createInpaintingWriter, describeResult, type InpaintingWriter } from './inpaintingFiles.ts';
import type { InpaintListener, WarmHost } from './warmHost.ts';

export interface ActiveInpainting {
  readonly id: string;
  progress(): Pick<InpaintingEntry, 'phase' | 'fraction' | 'secondsLeft' | 'filled' | 'times'>;
  /** Ends the computation; images that were already written stay. */
  end(status: 'cancelled' | 'interrupted'): void;
  /** Resolves when its row holds the final status; never rejects. */
  readonly ended: Promise<void>;
}

export interface ActiveResources {
  readonly store: Store;
  readonly host: WarmHost;
  readonly version: string;
  onChange(): void;
}

interface ActiveState {
  readonly startedAt: number;
  phase: string;
  fraction: number | null;
  times: readonly number[];
  /** How often a result was written, before everything that it is compared with. */
  filled: number;
  /** The requested end; null if none was requested. */
  end: 'cancelled' | 'interrupted' | null;
  /** Images are written one after the other. */
  writes: Promise<void>;
  storageFault: Error | null;
}

/** Fraction of the work below which no time is predicted: loading and compiling say nothing about the rest. */
const leastFraction = 0.03;

export function computeInpainting(entry: StoredInpainting, resources: ActiveResources): ActiveInpainting {
  const { store, host, onChange } = resources;
  const state: ActiveState = {
    startedAt: performance.now(),
    phase: 'starting',
    fraction: null,
    times: [],
    filled: 0,
    end: null,
    writes: Promise.resolve(),
    storageFault: null,
  };
  const work = async () => {
    try {
      updateInpainting(store.db, entry.id, { status: 'running' });
      onChange();
      await compute(entry, state, resources);
    } catch (error) {
      settleFailure(store, entry.id, { state, error });
    }
  };
  return {
    id: entry.id,
    progress: () => readProgress(state),
    end(status) {
      state.end ??= status;
      state.phase = 'cancelling';
      host.cancel();
      onChange();
    },
    ended: work(),
  };
}

function readProgress({ phase, fraction, times, filled, startedAt }: ActiveState) {
  const elapsed = (performance.now() - startedAt) / 1000;
  const secondsLeft =
    fraction === null || fraction < leastFraction ? null : (elapsed * (1 - fraction)) / fraction;
  return { phase, fraction, secondsLeft, filled, times };
}

async function compute(
  entry: StoredInpainting,
  state: ActiveState,
  resources: ActiveResources,
): Promise<void> {
  const { store, host, version } = resources;
  const job = await prepareJob(store, entry);
  const writer = createInpaintingWriter(store, entry, version);
  try {
    const listener = listen(entry, state, { ...resources, writer });
    const found = state.end ? null : await host.compute(job, listener);
    await state.writes;
    if (state.storageFault) throw state.storageFault;
    if (!found) {
      updateInpainting(store.db, entry.id, { status: state.end ?? 'cancelled', times: state.times });
      return;
    }
    state.phase = 'writing the images';
    await writer.writeResult(found);
    const { times } = state;
    const result = describeResult(found, times);
    updateInpainting(store.db, entry.id, { status: 'finished', error: null, times, result });
    keepEntryFile(store, entry.id);
  } catch (error) {
    await state.writes;
    writer.discard();
    state.times = [];
    throw error;
  }
}

/** Turns the events of the process into progress and files. */
function listen(
  entry: StoredInpainting,
  state: ActiveState,
  { store, host, writer, onChange }: ActiveResources & { readonly writer: InpaintingWriter },
): InpaintListener {
  const write = (work: () => Promise<void>) => {
    state.writes = state.writes
      .then(() => (state.storageFault ? undefined : work()))
      .then(onChange, (error: unknown) => {
        state.storageFault = error instanceof Error ? error : new Error(String(error));
        host.cancel();
      });
  };
  return (event) => {
    if (event.type === 'retried') {
      state.phase = event.message;
      state.fraction = null;
      write(async () => {
        state.times = [];
        state.filled = 0;
        updateInpainting(store.db, entry.id, { times: state.times });
      });
      onChange();
    } else if (event.type === 'progress') {
      if (state.end === null) state.phase = event.phase;
      if (event.total !== null && event.total > 0) state.fraction = event.done / event.total;
      onChange();
    } else if (event.type === 'inpaintState') {
      write(async () => {
        await writer.write(`time-${event.index}`, event.rows);
        state.times = [...state.times, event.time];
        updateInpainting(store.db, entry.id, { times: state.times });
      });
    } else if (event.type === 'inpaintSample') {
      write(() => writer.write(`sample-${event.sample}`, event.rows));
    } else if (event.type === 'inpaintResult') {
      write(async () => {
        await writer.write('result', event.rows);
        state.filled += 1;
      });
    }
  };
}

/** Records a failure; an error after the inpainting was cancelled is not one. */
function settleFailure(
  store: Store,
  id: string,
  { state, error }: { readonly state: ActiveState; readonly error: unknown },
): void {
  const message = describeError(error);
  const isCancelled = state.end !== null && state.storageFault === null;
  const end = isCancelled
    ? { status: state.end ?? 'cancelled' }
    : { status: 'failed' as const, error: message };
  try {
    updateInpainting(store.db, id, { ...end, times: state.times, result: null });
  } catch {
    // If not even this can be written, the next start marks the entry as interrupted.
  }
}
