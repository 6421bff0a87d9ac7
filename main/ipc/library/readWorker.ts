/** The thread that reads a data set whole: decoding and hashing take seconds, in which the main process must stay alive. */

import { parentPort, workerData } from 'node:worker_threads';
import type { DatasetInfo } from '../../../shared/dataset.ts';
import { openDataset } from '../../datasets/registry.ts';
import type { ReadMessage, ReadRequest } from './readDataSet.ts';

/** Every look at a dataset that is not for a run is at this size. */
const usualSize = 32;

const { source, split, cacheFolder, imageSize = usualSize, folderLayout, first } = workerData as ReadRequest;

const tell = (message: ReadMessage) => parentPort?.postMessage(message);
const { info, readImages } = await openDataset(source, {
  ...{ split, imageSize, folderLayout, cacheFolder, first },
  onProgress: ({ phase, done, total, unit }) => {
    tell({ type: 'progress', phase: phase === 'generating' ? 'reading' : phase, done, total, unit });
  },
});
tell({ type: 'read', info, pixels: first === undefined ? null : firstPixels(info, first) });

/** The first images as bytes: count × size × size × 3. */
function firstPixels({ count }: DatasetInfo, limit: number): Uint8Array {
  const indices = Array.from({ length: Math.min(count, limit) }, (_, index) => index);
  return Uint8Array.from(readImages(indices).values, (value) => Math.round(value * 255));
}
