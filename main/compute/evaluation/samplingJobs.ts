/** The jobs that use a trained field: evaluation and reconstruction. */

import { protocolKey } from '../../../shared/comparison/commonProtocols.ts';
import { type ImageBatch, imageAt } from '../../../shared/images/image.ts';
import { psnr } from '../../engine/metrics/pixelErrors.ts';
import type { LoopControl } from '../../engine/train/loop.ts';
import { evaluateModel, type EvaluateOptions } from './evaluateModel.ts';
import { createSheetEmitter } from './imageSheets.ts';
import { chooseExecution } from '../execution.ts';
import { loadModel } from '../modelCheckpoint.ts';
import type { ComputeEvent, EvaluateJob, MethodImages, ReconstructJob, SamplingJob } from '../protocol.ts';
import { openSamplingData, type SamplingData } from './samplingData.ts';

type Emit = (event: ComputeEvent) => void;

/**
 * Emits a `sheet` for each row and two before them, those of its states before that of a sample, then `evaluated`; a partial one
 * after each of several sampling settings, so that those that were computed are kept if it is cancelled.
 * @throws Error, or an AbortError when a stop was requested.
 */
export async function evaluateJob(job: EvaluateJob, control: LoopControl, emit: Emit): Promise<void> {
  const { evaluation } = await compare(job, {
    images: job.images,
    control,
    emit,
    listen: (data) => ({
      ...createSheetEmitter(data, emit),
      knownClassical: job.knownClassical?.find(
        ({ protocol }) => protocolKey(protocol) === protocolKey(data.protocol),
      )?.rows,
      onPlan: (rows) =>
        emit({
          type: 'evaluated',
          evaluation: { protocol: data.protocol, rows: [...rows] },
          isPartial: true,
        }),
    }),
  });
  emit({ type: 'evaluated', evaluation });
}

/** Emits `reconstructed`. @throws as evaluateJob. */
export async function reconstructJob(job: ReconstructJob, control: LoopControl, emit: Emit): Promise<void> {
  const results: MethodImages[] = [];
  const { evaluation, data } = await compare(job, {
    images: job.indices,
    control,
    emit,
    listen: ({ truth }) => ({
      onReconstructed: (method, result) =>
        results.push({ method, values: result.values, psnr: psnrOfEach(truth, result) }),
    }),
  });
  const { height, width, values } = data.truth;
  emit({
    type: 'reconstructed',
    reconstruction: {
      height,
      width,
      truth: values,
      observations: data.observations,
      methods: results,
      evaluation,
    },
  });
}

async function compare(
  job: SamplingJob,
  options: {
    images: number | readonly number[];
    control: LoopControl;
    emit: Emit;
    listen: (
      data: SamplingData,
    ) => Pick<EvaluateOptions, 'onReconstructed' | 'stateListener' | 'knownClassical' | 'onPlan'>;
  },
) {
  const onProgress = (progress: { phase: string; done: number; total: number | null; fraction?: number }) =>
    options.emit({ type: 'progress', ...progress });
  const execution = chooseExecution((what, kind, reason) =>
    options.emit({ type: 'execution', what, kind, reason }),
  );
  const model = loadModel(job.checkpoint, execution, job.weights);
  const data: SamplingData = await openSamplingData({
    ...job,
    images: options.images,
    onProgress,
    signal: options.control.signal,
  });
  const rows = await evaluateModel(model, {
    data,
    plans: job.plans,
    samples: job.samples,
    symmetries: job.plans[0].symmetries,
    seed: job.protocol.noiseSeed,
    onProgress,
    isCancelled: () => options.control.requested !== null,
    ...options.listen(data),
  });
  return { data, evaluation: { protocol: data.protocol, rows } };
}

function psnrOfEach(truth: ImageBatch, result: ImageBatch): number[] {
  return Array.from({ length: truth.count }, (_, index) =>
    psnr(imageAt(truth, index).values, imageAt(result, index).values),
  );
}
