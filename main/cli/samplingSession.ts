/** Runs evaluation and reconstruction jobs in the compute process, with progress and Ctrl-C. */

import type { ComputeEvent, EvaluateJob, Reconstruction, ReconstructJob } from '../compute/protocol.ts';
import type { Evaluation } from '../../shared/metric.ts';
import { forkHost } from '../jobs/forkHost.ts';
import { runSampling } from '../jobs/sampling.ts';
import type { Output } from './output.ts';

export async function evaluateInProcess(job: EvaluateJob, output: Output): Promise<Evaluation> {
  const result = await withInterrupt((signal) =>
    runSampling({ type: 'evaluate', job }, 'evaluated', {
      createHost: forkHost,
      onEvent: progressTo(output),
      signal,
    }),
  );
  return result.evaluation;
}

export async function reconstructInProcess(job: ReconstructJob, output: Output): Promise<Reconstruction> {
  const result = await withInterrupt((signal) =>
    runSampling({ type: 'reconstruct', job }, 'reconstructed', {
      createHost: forkHost,
      onEvent: progressTo(output),
      signal,
    }),
  );
  return result.reconstruction;
}

async function withInterrupt<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.on('SIGINT', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function progressTo(output: Output): (event: ComputeEvent) => void {
  return (event) => {
    if (event.type !== 'progress') return;
    output.progress(
      `${event.phase}: ${event.done}${event.total === null ? '' : ` of ${event.total}`} images`,
    );
  };
}
