/** `lab inpaint` on real files and a real store, with a fake compute process that fills in grey. */

import { countKnown, valueBit } from '../../shared/images/mask.ts';
import { join } from 'node:path';
import sharp from 'sharp';
import type { EstimateJob, ImageJob, InpaintJob, InpaintedImage } from '../../main/compute/protocol.ts';
import { openStore } from '../../main/store/store.ts';
import { addCheckpoint } from '../jobs/inpainting/exampleInpaintings.ts';
import { createFakeHost, type FakeHost } from '../jobs/fakeHost.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { type LabResult, runLab } from './runLab.ts';

export interface InpaintSetup {
  /** Folder of the images; `at` returns paths inside it. */
  readonly folder: string;
  readonly at: (...parts: string[]) => string;
  readonly runId: string;
  readonly checkpointSha256: string;
  /** `lab inpaint trained …`, with results in `out`. */
  readonly inpaint: (...args: string[]) => Promise<LabResult>;
}

export function createSetup(): InpaintSetup {
  const folder = makeTemporaryFolder();
  const dataFolder = join(folder, 'data');
  const store = openStore(dataFolder);
  const { id: runId } = insertExampleRun(store, 'trained', { data: { imageSize: 12 } });
  const checkpointSha256 = addCheckpoint(store, runId, 10);
  store.close();
  const at = (...parts: string[]) => join(folder, ...parts);
  const inpaint = (...args: string[]) =>
    runLab('inpaint', 'trained', ...args, '--out', at('out'), '--data-dir', dataFolder);
  return { folder, at, runId, checkpointSha256, inpaint };
}

/** Value that fills hidden pixels. */
export const filling = 77;

/** Creates a host that records jobs and `estimates`; `answer` may handle a job itself and return true. */
export function createInpaintHost(
  jobs: InpaintJob[],
  answer: (host: FakeHost, job: InpaintJob) => boolean = () => false,
  estimates: EstimateJob[] = [],
): FakeHost {
  const host = createFakeHost((command) => {
    if (command.type === 'cancel') {
      host.emit({ type: 'inpaintingEnded', id: command.id, message: null });
    }
    if (command.type === 'estimate') {
      const { job } = command;
      estimates.push(job);
      host.emit({ type: 'inpainted', id: job.id, inpainting: fillGrey({ ...job, samples: 1 }) });
    }
    if (command.type !== 'inpaint') return;
    jobs.push(command.job);
    if (answer(host, command.job)) return;
    emitResult(host, command.job);
  });
  return host;
}

function emitResult(host: FakeHost, job: InpaintJob): void {
  const { id, width, height, samples } = job;
  host.emit({ type: 'progress', phase: 'sample 1 of 1, step 1 of 2', done: 1, total: 2 });
  const inpainting = fillGrey(job);
  for (let sample = 1; sample <= samples; sample++) {
    host.emit({ type: 'inpaintSample', id, sample, rows: { width, height, pixels: inpainting.result } });
  }
  host.emit({ type: 'inpainted', id, inpainting });
}

function fillGrey({
  width,
  height,
  pixels,
  opaque,
  mask: given,
  samples,
}: ImageJob & Pick<InpaintJob, 'samples'>): InpaintedImage {
  const { channels } = given;
  const bits = given.bits.map((known, index) => known & (opaque ? opaque[Math.floor(index / channels)] : 1));
  const mask = { ...given, bits };
  const result = pixels.map((value, index) => (valueBit(mask, index) === 1 ? value : filling));
  const score = { psnr: 20.5, psnrUnobserved: 19.25, ssim: 0.75, seconds: 1.5 };
  return {
    width,
    height,
    mask,
    result,
    truth: pixels,
    classical: { 'thin-plate': result, 'tension-spline': result, biharmonic: result, telea: result },
    deviation: samples > 1 ? new Uint8Array(width * height) : null,
    largestDeviation: samples > 1 ? 0.1 : null,
    observed: countKnown(mask),
    nfe: 19,
    seconds: 1.5,
    peakBytes: 1e6,
    tiles: 1,
    scores: [
      { ...score, method: 'result' },
      { ...score, method: 'thin plate', psnr: 18, psnrUnobserved: 18.25 },
      { ...score, method: 'tension spline', psnr: 17.5, psnrUnobserved: 17.25 },
      { ...score, method: 'biharmonic', psnr: Infinity, psnrUnobserved: Infinity, ssim: null },
      { ...score, method: 'Telea', psnr: 17, psnrUnobserved: 16.25 },
    ],
  };
}

/** Writes an image of width × height pixels in different colours. Returns the bytes. */
export async function writeImage(
  file: string,
  { width = 8, height = 6, seed = 0 } = {},
): Promise<Uint8Array> {
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, index) => (index * 37 + seed * 11) % 256,
  );
  await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(file);
  return pixels;
}

/** Reads the pixels as RGB. */
export async function readPixels(
  file: string,
): Promise<{ width: number; height: number; pixels: Uint8Array }> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}
