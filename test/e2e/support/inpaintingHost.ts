/** A fake of the compute process that inpaints at the pace of the test, with the mean of nearby known pixels. */

import { countKnown, valueBit } from '../../../shared/images/mask.ts';
import type { InpaintJob, InpaintedImage, Command, PixelRows } from '../../../main/compute/protocol.ts';
import type { CreateHost } from '../../../main/jobs/computeHost.ts';
import { createFakeHost, type FakeHost } from '../../jobs/fakeHost.ts';
import { noiseAt } from './curves.ts';

export interface InpaintingPace {
  /** Milliseconds between two states. */
  readonly stateTime: number;
  /** Number of states of the first sample. */
  readonly states: number;
  /** The last state follows only after this resolves; by default it follows like the others. */
  readonly release: Promise<unknown>;
  /** Message of the error that replaces a result. */
  readonly failure: string;
}

/** Returns a factory of hosts; like the real one, a host processes one inpainting after the other. */
export function createInpaintingHost({
  stateTime = 0,
  states = 6,
  release = Promise.resolve(),
  failure,
}: Partial<InpaintingPace> = {}): CreateHost {
  return () => {
    let cancel: () => void = () => undefined;
    const host = createFakeHost((command: Command) => {
      if (command.type === 'cancel') {
        cancel();
        setImmediate(() => host.emit({ type: 'inpaintingEnded', id: command.id, message: null }));
      } else if (command.type === 'inpaint' && failure !== undefined) {
        const { id } = command.job;
        setImmediate(() => host.emit({ type: 'inpaintingEnded', id, message: failure }));
      } else if (command.type === 'inpaint') {
        let isCancelled = false;
        cancel = () => void (isCancelled = true);
        const fill = fillIn(host, command.job, states);
        const next = async () => {
          if (host.isGone() || isCancelled) return;
          const { value: stateIndex, done } = fill.next();
          if (stateIndex === states - 2) await release;
          if (done !== true) setTimeout(next, stateTime);
        };
        setTimeout(next, stateTime);
      }
    });
    return host;
  };
}

/** Emits a state at each `next` and yields its index; emits the result at the end. */
function* fillIn(host: FakeHost, job: InpaintJob, states: number): Generator<number, undefined> {
  const { id, samples } = job;
  const numbers = Array.from({ length: samples }, (_, index) => index + 1);
  const samplePixels = numbers.map((number) => drawSample(job, number + job.seed));
  for (let index = 0; index < states; index++) {
    const time = index / (states - 1);
    host.emit({
      type: 'progress',
      phase: `sample 1 of ${samples}, step ${index + 1}`,
      done: index,
      total: states,
    });
    host.emit({ type: 'inpaintState', id, index, time, rows: mixNoise(job, samplePixels[0], time) });
    yield index;
  }
  if (samples > 1)
    for (const [index, pixels] of samplePixels.entries())
      host.emit({ type: 'inpaintSample', id, sample: index + 1, rows: toRows(job, pixels) });
  host.emit({ type: 'inpainted', id, inpainting: describeResult(job, samplePixels) });
  return undefined;
}

function toRows({ width, height }: InpaintJob, pixels: Uint8Array): PixelRows {
  return { width, height, pixels };
}

/** Keeps known values and fills the others with the mean of those within four pixels, with some noise. */
function drawSample({ width, height, pixels, mask }: InpaintJob, stream: number, amplitude = 24): Uint8Array {
  const filled = new Uint8Array(pixels);
  for (let index = 0; index < filled.length; index++) {
    if (valueBit(mask, index) === 1) continue;
    const at = Math.floor(index / 3);
    const [x, y] = [at % width, Math.floor(at / width)];
    let [sum, count] = [0, 0];
    for (let row = Math.max(0, y - 4); row <= Math.min(height - 1, y + 4); row++)
      for (let column = Math.max(0, x - 4); column <= Math.min(width - 1, x + 4); column++) {
        const other = 3 * (row * width + column) + (index % 3);
        sum += valueBit(mask, other) * pixels[other];
        count += valueBit(mask, other);
      }
    const noise = amplitude * (noiseAt(at, stream) - 0.5);
    filled[index] = clamp((count > 0 ? sum / count : 128) + noise);
  }
  return filled;
}

function mixNoise(job: InpaintJob, end: Uint8Array, time: number): PixelRows {
  const mixed = end.map((value, index) =>
    valueBit(job.mask, index) === 1 ? value : clamp(time * value + (1 - time) * 255 * noiseAt(index, 3)),
  );
  return toRows(job, mixed);
}

function describeResult(job: InpaintJob, samplePixels: readonly Uint8Array[]): InpaintedImage {
  const { width, height, mask, pixels: truth } = job;
  const result = samplePixels[0].map((_, index) =>
    Math.round(samplePixels.reduce((sum, filled) => sum + filled[index], 0) / samplePixels.length),
  );
  const classical = {
    'thin-plate': drawSample(job, 0, 0),
    'tension-spline': drawSample(job, 97, 40),
    biharmonic: drawSample(job, 99, 60),
    telea: drawSample(job, 98, 80),
  };
  const spread = (at: number) =>
    Math.sqrt(
      samplePixels.reduce((sum, filled) => sum + (filled[3 * at] - result[3 * at]) ** 2, 0) /
        samplePixels.length,
    ) / 255;
  const spreads = Array.from({ length: width * height }, (_, at) => spread(at));
  const largestDeviation = samplePixels.length > 1 ? Math.max(...spreads) : null;
  const score = (method: string, filled: Uint8Array) => ({
    method,
    ...computeScores(job, filled),
    seconds: 0.25,
  });
  const samples = samplePixels.map((filled, index) => score(`sample ${index + 1}`, filled));
  return {
    width,
    height,
    truth,
    mask,
    result,
    classical,
    largestDeviation,
    deviation: largestDeviation ? Uint8Array.from(spreads, (one) => (255 * one) / largestDeviation) : null,
    observed: countKnown(mask),
    nfe: 2 * job.plan.steps - 1,
    seconds: 1.4,
    peakBytes: 7.4e8,
    tiles: 12,
    scores: [
      score('result', result),
      ...(samples.length > 1 ? samples : []),
      score('thin plate', classical['thin-plate']),
      score('tension spline', classical['tension-spline']),
      score('biharmonic', classical.biharmonic),
      score('Telea', classical.telea),
    ],
  };
}

function computeScores({ pixels, mask, truthIsKnown }: InpaintJob, filled: Uint8Array) {
  if (!truthIsKnown) return { psnr: null, psnrUnobserved: null, ssim: null };
  let sum = 0;
  const unknown = ((mask.bits.length - countKnown(mask)) * 3) / mask.channels;
  for (let index = 0; index < filled.length; index++) sum += ((filled[index] - pixels[index]) / 255) ** 2;
  const decibels = (values: number) => -10 * Math.log10(sum / values);
  return {
    psnr: decibels(filled.length),
    psnrUnobserved: decibels(unknown),
    ssim: Math.exp((-3 * sum) / filled.length),
  };
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
