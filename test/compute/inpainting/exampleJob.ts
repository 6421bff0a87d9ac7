/** An inpainting of a small picture with a small model, and what it tells on its way. */

import { inpaintPicture } from '../../../main/compute/inpainting/inpaintImage.ts';
import type { InpaintJob, ComputeEvent } from '../../../main/compute/protocol.ts';
import { createEstimateMemory } from '../../../main/compute/inpainting/estimateCache.ts';
import type { TrainedModel } from '../../../main/compute/modelCheckpoint.ts';
import { smoothPicture } from '../../engine/inpaint/exampleImage.ts';

export function exampleJob(
  model: Pick<TrainedModel, 'config'>,
  changes: Partial<InpaintJob> = {},
): InpaintJob {
  const { width = 23, height = 14 } = changes;
  return {
    id: 'aaaabbbb',
    config: model.config,
    checkpoint: '',
    plan: { solver: 'heun', steps: 2 },
    fit: 'whole',
    scale: 1,
    samples: 1,
    seed: 42,
    truthIsKnown: true,
    opaque: null,
    ...smoothPicture(width, height, 0.3),
    ...changes,
  };
}

export async function inpaintExample(
  model: TrainedModel,
  changes: Partial<InpaintJob> = {},
  onEvent: (event: ComputeEvent) => void = () => undefined,
) {
  const events: ComputeEvent[] = [];
  const job = exampleJob(model, changes);
  const inpainting = await inpaintPicture(job, {
    model,
    power: { parts: 2, products: 1 },
    estimates: createEstimateMemory(),
    emit(event) {
      events.push(event);
      onEvent(event);
    },
    signal: new AbortController().signal,
  });
  return { job, inpainting, events };
}
