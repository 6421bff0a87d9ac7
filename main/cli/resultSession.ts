/** Runs jobs that end in a result in the compute process, with progress and Ctrl-C. */

import type { ParityOptions, ParityReport } from '../compute/parity/runParity.ts';
import type { ComputeEvent, EvaluateJob, Reconstruction, ReconstructJob } from '../compute/protocol.ts';
import type { Evaluation } from '../../shared/metric.ts';
import { forkHost } from '../jobs/forkHost.ts';
import { type ResultJobOptions, runResultJob } from '../jobs/resultJob.ts';
import { formatBackend, formatEager } from './format.ts';
import type { Output } from './output.ts';

export async function evaluateInProcess(job: EvaluateJob, output: Output): Promise<Evaluation> {
  const run = (options: ResultJobOptions) => runResultJob({ type: 'evaluate', job }, 'evaluated', options);
  return (await withSession(output, run)).evaluation;
}

export async function reconstructInProcess(job: ReconstructJob, output: Output): Promise<Reconstruction> {
  const run = (options: ResultJobOptions) =>
    runResultJob({ type: 'reconstruct', job }, 'reconstructed', options);
  return (await withSession(output, run)).reconstruction;
}

export async function checkParity(job: ParityOptions, output: Output): Promise<ParityReport> {
  const run = (options: ResultJobOptions) => runResultJob({ type: 'parity', job }, 'checked', options);
  return (await withSession(output, run)).report;
}

/** Ctrl-C ends the job. */
async function withSession<Result>(
  output: Output,
  work: (options: ResultJobOptions) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await work({ createHost: forkHost, onEvent: listenTo(output), signal: controller.signal });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function listenTo(output: Output): (event: ComputeEvent) => void {
  return (event) => {
    if (event.type === 'ready') output.note(formatBackend(event));
    if (event.type === 'execution' && event.kind === 'eager') output.note(formatEager(event));
    if (event.type !== 'progress') return;
    output.progress(`${event.phase}: ${event.done}${event.total === null ? '' : ` of ${event.total}`}`);
  };
}
