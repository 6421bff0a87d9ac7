/** Reads one split of a dataset in a worker thread. */

import { extname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ReadingOptions } from '../../../shared/config/config.ts';
import type { LibraryProgress } from '../../../shared/dataLibrary.ts';
import type { DatasetInfo, Split } from '../../../shared/dataset.ts';

export interface ReadRequest {
  readonly source: string;
  readonly split: Split;
  readonly cacheFolder: string;
  /** Default: whole images of 32 × 32 pixels, the folder's layout honoured. */
  readonly reading?: ReadingOptions;
  /** Read only the first images, with their pixels. */
  readonly first?: number;
}

export interface ReadResult {
  readonly info: DatasetInfo;
  /** count × size × size × 3 bytes of the first images; null unless `first` was given. */
  readonly pixels: Uint8Array | null;
}

export type ReadMessage =
  ({ readonly type: 'progress' } & Omit<LibraryProgress, 'id'>) | ({ readonly type: 'read' } & ReadResult);

export interface ReadOptions {
  readonly onProgress?: (progress: Omit<LibraryProgress, 'id'>) => void;
  readonly signal?: AbortSignal;
}

/** Built code has another extension. */
const workerFile = resolve(import.meta.dirname, `readWorker${extname(import.meta.filename)}`);

/** @throws Error like `openDataset`; the signal's reason when aborted. */
export async function readDataset(request: ReadRequest, options: ReadOptions = {}): Promise<ReadResult> {
  const { onProgress, signal } = options;
  signal?.throwIfAborted();
  const worker = new Worker(workerFile, { workerData: request });
  const { promise, resolve: settle, reject } = Promise.withResolvers<ReadResult>();
  const abort = () => reject(signal?.reason);
  worker.on('message', (message: ReadMessage) => {
    if (message.type === 'read') settle(message);
    else onProgress?.(message);
  });
  worker.on('error', reject);
  worker.on('exit', (code) =>
    reject(new Error(`Reading ${request.source} ended early (code ${code}). Try again.`)),
  );
  signal?.addEventListener('abort', abort);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
