/** The worker thread that reads a dataset. Decoding and hashing take seconds, during which the main process must respond. */

import { mapInto } from '../../../shared/numbers/mapInto.ts';
import { parentPort, workerData } from 'node:worker_threads';
import type { DatasetInfo } from '../../../shared/dataset.ts';
import { openDataset } from '../../datasets/registry.ts';
import type { ReadMessage, ReadRequest } from './readDataset.ts';

/** Image size unless a run determines it. */
const defaultSize = 32;

const { source, split, cacheFolder, reading = { imageSize: defaultSize }, first } = workerData as ReadRequest;

const send = (message: ReadMessage) => parentPort?.postMessage(message);
const { info, readImages } = await openDataset(source, {
  split,
  ...reading,
  cacheFolder,
  first,
  onProgress: ({ phase, done, total, unit }) => {
    send({ type: 'progress', phase: phase === 'generating' ? 'reading' : phase, done, total, unit });
  },
});
send({ type: 'read', info, pixels: first === undefined ? null : firstPixels(info, first) });

/** The first images as bytes: count × size × size × 3. */
function firstPixels({ count }: DatasetInfo, limit: number): Uint8Array {
  const indices = Array.from({ length: Math.min(count, limit) }, (_, index) => index);
  const { values } = readImages(indices);
  return mapInto(new Uint8Array(values.length), values, (value) => Math.round(value * 255));
}
