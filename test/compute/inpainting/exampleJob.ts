/** Inpaints a small image with a small model and records the reported events. */

import { inpaintImage } from '../../../main/compute/inpainting/inpaintImage.ts';
import type { ComputeEvent, EstimateJob, InpaintJob } from '../../../main/compute/protocol.ts';
import { createEstimateCache } from '../../../main/compute/inpainting/estimateCache.ts';
import type { TrainedModel } from '../../../main/compute/modelCheckpoint.ts';
import { createSmoothImage } from '../../engine/inpaint/exampleImage.ts';

/** Settings that differ from the example's; a mask given as bits alone has the size of the image. */
export type JobChanges = Partial<Omit<InpaintJob, 'mask'>> & {
  readonly mask?: InpaintJob['mask'] | Uint8Array;
};

export function createExampleJob(model: Pick<TrainedModel, 'config'>, changes: JobChanges = {}): InpaintJob {
  const { width = 23, height = 14 } = changes;
  const example = createSmoothImage(width, height, 0.3);
  const mask = changes.mask ?? example.mask;
  return {
    id: 'aaaabbbb',
    config: model.config,
    checkpoint: '',
    plan: { solver: 'heun', steps: 2 },
    fit: 'whole',
    scale: 1,
    samples: 1,
    seed: 42,
    bounded: false,
    truthIsKnown: true,
    opaque: null,
    ...example,
    ...changes,
    mask: mask instanceof Uint8Array ? { width, height, channels: 1, bits: mask } : mask,
  };
}

/** Returns the same image for a classical method. */
export function createExampleEstimate(
  method: EstimateJob['method'],
  { id, width, height, pixels, opaque, mask, scale, truthIsKnown }: InpaintJob,
): EstimateJob {
  return { id, width, height, pixels, opaque, mask, scale, truthIsKnown, method, fit: 'whole' };
}

export async function inpaintExample(
  model: TrainedModel,
  changes: JobChanges = {},
  onEvent: (event: ComputeEvent) => void = () => undefined,
) {
  const events: ComputeEvent[] = [];
  const job = createExampleJob(model, changes);
  const inpainting = await inpaintImage(job, {
    model,
    power: { parts: 2, smallestPart: 1, products: 1 },
    estimates: createEstimateCache(),
    emit(event) {
      events.push(event);
      onEvent(event);
    },
    signal: new AbortController().signal,
  });
  return { job, inpainting, events };
}
