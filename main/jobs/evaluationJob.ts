/** An evaluation of a run's newest checkpoint, as the compute process takes it. */

import type { SamplerConfig } from '../../shared/config/config.ts';
import { findAverage, type WeightsChoice } from '../../shared/config/keptAverages.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { EvaluateJob } from '../compute/protocol.ts';
import { getRun } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import { requireCheckpoint } from './runCheckpoint.ts';

/** What is asked for; what is left out is as the run was set up. */
export interface EvaluationRequest {
  readonly images: number;
  readonly samples: number;
  readonly solver: SamplerConfig['solver'];
  readonly steps: number;
  readonly keepRatio?: number;
  readonly maskSeed?: number;
  /** Default: the run's main average where it keeps one. */
  readonly ema?: WeightsChoice;
  readonly symmetries?: number;
  /** The data source as users write it. */
  readonly source?: string;
  /** Evaluates though the images are not those the run was trained with. */
  readonly acceptChangedData?: boolean;
}

/**
 * The run's own images are read as they were when it was trained, and are expected to be the same; nothing is expected
 * of any others.
 */
export function expectedData(
  { config, dataset }: RunRecord,
  {
    source = config.data.source,
    acceptChangedData = false,
  }: Pick<EvaluationRequest, 'source' | 'acceptChangedData'>,
): Pick<EvaluateJob, 'source' | 'folderLayout' | 'known' | 'acceptChangedData'> {
  if (source !== config.data.source) return { source, folderLayout: 'honoured', known: null };
  return { source, folderLayout: config.data.folderLayout, known: dataset, acceptChangedData };
}

/** Seed of the masks of every comparison, unless another is asked for. */
const protocolMaskSeed = 42;

/** @throws Error when the run has no checkpoint yet or keeps no such average, or there is no such run. */
export function planEvaluation(
  store: Store,
  runId: string,
  from: { readonly request: EvaluationRequest; readonly cacheFolder: string },
): { readonly job: EvaluateJob; readonly step: number } {
  const run = getRun(store.db, runId);
  const { path, step } = requireCheckpoint(store, run, 'an evaluation');
  const { request, cacheFolder } = from;
  const { images, samples, solver, steps, ema } = request;
  if (ema !== undefined) findAverage(run.config.optim, ema);
  const symmetries = request.symmetries ?? run.config.sampler.symmetries;
  const job: EvaluateJob = {
    ...{ images, samples, solver, steps, cacheFolder },
    config: { ...run.config, sampler: { ...run.config.sampler, symmetries } },
    weights: ema,
    checkpoint: path,
    ...expectedData(run, request),
    split: 'test',
    maskLaw: 'numpy',
    maskSeed: request.maskSeed ?? protocolMaskSeed,
    keepRatio: request.keepRatio ?? run.config.mask.keepRatio,
    paste: true,
    seed: 0,
  };
  return { job, step };
}
