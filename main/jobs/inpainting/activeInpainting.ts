/** One inpainting while it is computed: its progress, its pictures as they come, and the status it ends with. */

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
  progress(): Pick<InpaintingEntry, 'phase' | 'share' | 'secondsLeft' | 'times'>;
  /** Gives it up; what it has stays. */
  end(status: 'cancelled' | 'interrupted'): void;
  /** Never rejects: how it ended stands in its row. */
  readonly ended: Promise<void>;
}

export interface ActiveResources {
  readonly store: Store;
  readonly host: WarmHost;
  readonly version: string;
  onChange(): void;
}

interface Course {
  readonly startedAt: number;
  phase: string;
  share: number | null;
  times: readonly number[];
  /** null: it was not given up. */
  end: 'cancelled' | 'interrupted' | null;
  /** Pictures are written one after the other. */
  writes: Promise<void>;
  storageFault: Error | null;
}

/** Below this share of the work no time is foretold: loading and compiling say nothing about the rest. */
const leastShare = 0.03;

export function computeInpainting(entry: StoredInpainting, resources: ActiveResources): ActiveInpainting {
  const { store, host, onChange } = resources;
  const course: Course = {
    ...{ startedAt: performance.now(), phase: 'starting', share: null, times: [], end: null },
    ...{ writes: Promise.resolve(), storageFault: null },
  };
  const work = async () => {
    try {
      updateInpainting(store.db, entry.id, { status: 'running' });
      onChange();
      await compute(entry, course, resources);
    } catch (error) {
      settleFailure(store, entry.id, { course, error });
    }
  };
  return {
    id: entry.id,
    progress: () => readProgress(course),
    end(status) {
      course.end ??= status;
      course.phase = 'cancelling';
      host.cancel();
      onChange();
    },
    ended: work(),
  };
}

function readProgress({ phase, share, times, startedAt }: Course) {
  const elapsed = (performance.now() - startedAt) / 1000;
  const secondsLeft = share === null || share < leastShare ? null : (elapsed * (1 - share)) / share;
  return { phase, share, secondsLeft, times };
}

async function compute(entry: StoredInpainting, course: Course, resources: ActiveResources): Promise<void> {
  const { store, host, version } = resources;
  const job = await prepareJob(store, entry);
  const writer = createInpaintingWriter(store, entry, version);
  try {
    const listener = listen(entry, course, { ...resources, writer });
    const found = course.end ? null : await host.compute(job, listener);
    await course.writes;
    if (course.storageFault) throw course.storageFault;
    if (!found) {
      updateInpainting(store.db, entry.id, { status: course.end ?? 'cancelled', times: course.times });
      return;
    }
    course.phase = 'writing the pictures';
    await writer.writeResult(found);
    const { times } = course;
    const result = describeResult(found, times);
    updateInpainting(store.db, entry.id, { status: 'finished', error: null, times, result });
    keepEntryFile(store, entry.id);
  } catch (error) {
    await course.writes;
    writer.discard();
    course.times = [];
    throw error;
  }
}

/** What the process tells becomes progress and files. */
function listen(
  entry: StoredInpainting,
  course: Course,
  { store, host, writer, onChange }: ActiveResources & { readonly writer: InpaintingWriter },
): InpaintListener {
  const write = (work: () => Promise<void>) => {
    course.writes = course.writes
      .then(() => (course.storageFault ? undefined : work()))
      .then(onChange, (error: unknown) => {
        course.storageFault = error instanceof Error ? error : new Error(String(error));
        host.cancel();
      });
  };
  return (event) => {
    if (event.type === 'retried') {
      course.phase = event.message;
      course.share = null;
      write(async () => {
        course.times = [];
        updateInpainting(store.db, entry.id, { times: course.times });
      });
      onChange();
    } else if (event.type === 'progress') {
      if (course.end === null) course.phase = event.phase;
      if (event.total !== null && event.total > 0) course.share = event.done / event.total;
      onChange();
    } else if (event.type === 'inpaintState') {
      write(async () => {
        await writer.write(`time-${event.index}`, event.rows);
        course.times = [...course.times, event.time];
        updateInpainting(store.db, entry.id, { times: course.times });
      });
    } else if (event.type === 'inpaintSample') {
      write(() => writer.write(`sample-${event.sample}`, event.rows));
    }
  };
}

/** An error after it was given up is only the way it ended. */
function settleFailure(
  store: Store,
  id: string,
  { course, error }: { readonly course: Course; readonly error: unknown },
): void {
  const message = describeError(error);
  const isGivenUp = course.end !== null && course.storageFault === null;
  const end = isGivenUp
    ? { status: course.end ?? 'cancelled' }
    : { status: 'failed' as const, error: message };
  try {
    updateInpainting(store.db, id, { ...end, times: course.times, result: null });
  } catch {
    // Not even that can be written: the next start finds the entry interrupted.
  }
}
