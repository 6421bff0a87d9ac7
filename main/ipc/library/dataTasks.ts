/** Background downloads and verification of datasets: one cancellable task per dataset, with progress. */

import { join } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import type { LibraryProgress } from '../../../shared/dataLibrary.ts';
import type { Split } from '../../../shared/dataset.ts';
import type { Notice } from '../../../shared/appInfo.ts';
import { officialCifarArchive } from '../../datasets/cifar10.ts';
import { downloadArchive, type RemoteArchive } from '../../datasets/download.ts';
import { recordFindings } from '../../store/datasets.ts';
import type { Store } from '../../store/store.ts';
import { readableSource } from './entries.ts';
import { readDataset } from './readDataset.ts';

export interface DataTasks {
  phaseOf(source: string): 'downloading' | 'verifying' | null;
  /** Downloads CIFAR-10 unless it exists, then reads it. */
  download(source: string): void;
  /** Reads both splits and records the findings. */
  verify(source: string): void;
  /** Resolves once the task has ended; does nothing if there is none. */
  cancel(source: string): Promise<void>;
  close(): Promise<void>;
}

export interface DataTaskOptions {
  readonly store: Store;
  readonly cacheFolder: string;
  readonly archive?: RemoteArchive;
  /** At most ten times a second per task. */
  readonly onProgress: (source: string, progress: Omit<LibraryProgress, 'id'>) => void;
  /** A task started, changed its phase or ended. */
  readonly onChange: () => void;
  readonly onNotice: (notice: Notice) => void;
}

interface Task {
  phase: 'downloading' | 'verifying';
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Milliseconds between two reports of progress. */
const progressInterval = 100;

export function createDataTasks(options: DataTaskOptions): DataTasks {
  const tasks = new Map<string, Task>();
  const start = (source: string, phase: Task['phase'], work: (task: TaskTools) => Promise<void>) => {
    if (tasks.has(source)) return;
    const controller = new AbortController();
    const enter = (next: Task['phase']) => {
      const task = tasks.get(source);
      if (task) task.phase = next;
      options.onChange();
    };
    const tools = { signal: controller.signal, onProgress: throttle(options, source), enter };
    const ended = work(tools)
      .catch((error: unknown) => reportFailure(options, source, { error, signal: controller.signal }))
      .finally(() => {
        tasks.delete(source);
        options.onChange();
      });
    tasks.set(source, { phase, controller, ended });
    options.onChange();
  };
  const cancel = async (source: string) => {
    const task = tasks.get(source);
    task?.controller.abort();
    await task?.ended;
  };
  return {
    phaseOf: (source) => tasks.get(source)?.phase ?? null,
    download: (source) => start(source, 'downloading', (tools) => downloadAndRead(options, source, tools)),
    verify: (source) => start(source, 'verifying', (tools) => readBothSplits(options, source, tools)),
    cancel,
    close: async () => void (await Promise.all([...tasks.keys()].map(cancel))),
  };
}

interface TaskTools {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Omit<LibraryProgress, 'id'>) => void;
  readonly enter: (phase: Task['phase']) => void;
}

async function downloadAndRead(options: DataTaskOptions, source: string, tools: TaskTools): Promise<void> {
  const { signal, onProgress } = tools;
  const folder = join(options.cacheFolder, 'datasets');
  await downloadArchive(options.archive ?? officialCifarArchive, { folder, signal, onProgress });
  tools.enter('verifying');
  await readBothSplits(options, source, tools);
}

async function readBothSplits(options: DataTaskOptions, source: string, tools: TaskTools) {
  const { store, cacheFolder } = options;
  const place = readableSource(source, options);
  const read = (split: Split) => readDataset({ source: place, split, cacheFolder }, tools);
  const train = (await read('train')).info;
  const test = (await read('test')).info;
  recordFindings(store.db, source, {
    trainImages: train.count,
    testImages: test.count,
    checksum: train.checksum,
    notes: train.notes,
    problem: null,
  });
}

function reportFailure(
  { store, onNotice }: DataTaskOptions,
  source: string,
  { error, signal }: { error: unknown; signal: AbortSignal },
): void {
  if (signal.aborted) return;
  const problem = describeError(error);
  recordFindings(store.db, source, {
    trainImages: null,
    testImages: null,
    checksum: null,
    notes: [],
    problem,
  });
  onNotice({ level: 'error', message: problem, runId: null });
}

/** Limits progress reports to one per interval; the last report of a phase is always sent. */
function throttle({ onProgress }: DataTaskOptions, source: string): TaskTools['onProgress'] {
  let sentAt = -Infinity;
  return (progress) => {
    const isLast = progress.done === progress.total;
    if (!isLast && performance.now() - sentAt < progressInterval) return;
    sentAt = performance.now();
    onProgress(source, progress);
  };
}
