/** A queue of inpaintings with fake compute processes, a run with a checkpoint, and an image of 4 × 3 pixels. */

import { onTestFinished } from 'vitest';
import {
  type InpaintingEntry,
  type InpaintingRequest,
  type InpaintingStatus,
  inpaintingRequestSchema,
  type ImageEntry,
} from '../../../shared/inpainting.ts';
import type { ComputeEvent, ImageJob, InpaintJob, InpaintedImage } from '../../../main/compute/protocol.ts';
import { createInpaintings, type Inpaintings } from '../../../main/jobs/inpainting/inpaintings.ts';
import { addImage } from '../../../main/jobs/inpainting/userImages.ts';
import { inpaintingFolder } from '../../../main/store/dataFolder.ts';
import { insertCheckpoint } from '../../../main/store/runs/checkpoints.ts';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import type { Store } from '../../../main/store/store.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import { insertExampleRun, openExampleStore } from '../../store/exampleStore.ts';
import { exampleCheckpoint } from '../../store/files/exampleCheckpoint.ts';
import { createFakeHost, type FakeHost } from '../fakeHost.ts';

export interface ExampleInpaintings {
  readonly store: Store;
  readonly inpaintings: Inpaintings;
  /** In the order they were started. */
  readonly hosts: readonly FakeHost[];
  readonly updates: InpaintingEntry[];
  readonly runId: string;
  readonly image: ImageEntry;
  request(changes?: Partial<InpaintingRequest>): InpaintingRequest;
  /** Returns the newest job that was sent to a process. */
  newestJob(): InpaintJob;
}

export const examplePixels = Uint8Array.from({ length: 36 }, (_, index) => 7 * index);

export async function openExampleInpaintings(store = openExampleStore()): Promise<ExampleInpaintings> {
  const hosts: FakeHost[] = [];
  const updates: InpaintingEntry[] = [];
  const { id: runId } = insertExampleRun(store, 'trained');
  addCheckpoint(store, runId, 10);
  const image = await addImage(store, {
    name: 'boat.png',
    width: 4,
    height: 3,
    pixels: examplePixels,
    opaque: null,
  });
  const createHost = () => {
    const host = createFakeHost();
    hosts.push(host);
    return host;
  };
  const inpaintings = createInpaintings(
    { store, createHost, version: '1.2.3' },
    { onChange: (entry) => updates.push(entry), onListChange: () => undefined },
  );
  onTestFinished(() => inpaintings.close());
  return {
    store,
    inpaintings,
    hosts,
    updates,
    runId,
    image,
    request: (changes = {}) =>
      inpaintingRequestSchema.parse({ pictureId: image.id, runId, mask: { kind: 'drawn' }, ...changes }),
    newestJob() {
      const command = hosts.flatMap(({ sent }) => sent).findLast(({ type }) => type === 'inpaint');
      if (command?.type !== 'inpaint') throw new Error('No job was sent to a process.');
      return command.job;
    },
  };
}

export function addCheckpoint(store: Store, runId: string, step: number): string {
  const { file, bytes, sha256 } = writeCheckpoint(store.runFolder(runId), exampleCheckpoint(step));
  insertCheckpoint(store.db, { runId, step, file, bytes, sha256, isBest: false });
  return sha256;
}

export function stateEvent(id: string, index: number, time: number): ComputeEvent {
  const rows = { height: 3, width: 4, pixels: examplePixels.map((value) => value ^ index) };
  return { type: 'inpaintState', id, index, time, rows };
}

export function sampleEvent(id: string, sample: number): ComputeEvent {
  const rows = { height: 3, width: 4, pixels: examplePixels.map((value) => value ^ (64 + sample)) };
  return { type: 'inpaintSample', id, sample, rows };
}

export function inpaintedEvent(job: ImageJob, changes: Partial<InpaintedImage> = {}): ComputeEvent {
  const { id, width, height, pixels } = job;
  const result = pixels.map((value) => 255 - value);
  const inpainting: InpaintedImage = {
    width,
    height,
    truth: pixels,
    mask: job.mask,
    result,
    classical: { 'thin-plate': pixels, 'tension-spline': pixels, biharmonic: pixels, telea: pixels },
    deviation: null,
    largestDeviation: null,
    observed: 2,
    nfe: 19,
    seconds: 0.5,
    peakBytes: 1e6,
    tiles: 1,
    scores: [{ method: 'result', psnr: 20, psnrUnobserved: 18, ssim: null, seconds: 0.5 }],
    ...changes,
  };
  return { type: 'inpainted', id, inpainting };
}

/** Starts an inpainting and waits until a process has received its job. */
export async function startInpainting(example: ExampleInpaintings, changes: Partial<InpaintingRequest> = {}) {
  const { id } = example.inpaintings.start(example.request(changes));
  const hasJob = ({ sent }: FakeHost) =>
    sent.some((command) => command.type === 'inpaint' && command.job.id === id);
  await waitUntil(() => example.hosts.some(hasJob));
  const host = example.hosts[example.hosts.length - 1];
  return { id, host, job: example.newestJob(), folder: inpaintingFolder(example.store.dataFolder, id) };
}

export function waitForStatus(
  { inpaintings }: ExampleInpaintings,
  id: string,
  status: InpaintingStatus,
): Promise<void> {
  return waitUntil(() => inpaintings.get(id).status === status);
}
