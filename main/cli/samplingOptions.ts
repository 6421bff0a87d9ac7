/** The options that say what a trained field is sampled on, and how; shared by evaluate, reconstruct and baselines. */

import { splits } from '../../shared/dataset.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { SamplingJob } from '../compute/protocol.ts';
import type { OptionValues } from './command.ts';
import { absoluteSource, cacheFolder } from './lab.ts';
import {
  flagOption,
  readChoice,
  readFlag,
  readInteger,
  readShare,
  readText,
  valueOption,
} from './options.ts';

/** Options of everything that scores reconstructions. */
export const dataOptions = {
  data: valueOption('SOURCE', 'synthetic[:seed], cifar10[:path] or folder:path.'),
  split: valueOption('SPLIT', 'test (default) or train.'),
  'mask-seed': valueOption('S', 'Seed of the masks (default 42).'),
  'mask-law': valueOption('LAW', "numpy (default: the notebook's generator) or counter."),
  keep: valueOption('R', 'Share of the pixels that are observed (default 0.2).'),
};

export const samplerOptions = {
  solver: valueOption('NAME', 'euler or heun (default: as the run was set up).'),
  steps: valueOption('N', 'Solver steps (default: as the run was set up).'),
  samples: valueOption('K', 'Also average this many samples (default 1).'),
  seed: valueOption('S', 'Seed of the starting noise (default 0).'),
  'no-paste': flagOption('Score the field at observed pixels too, instead of pasting them.'),
};

/** The solvers a user can name. */
export const solverNames = ['euler', 'heun'] as const;

const laws = ['numpy', 'counter'] as const;

export function readDataOptions(values: OptionValues, fallback: { source: string; keepRatio: number }) {
  return {
    source: absoluteSource(readText(values, 'data') ?? fallback.source),
    split: readChoice(values, 'split', splits) ?? 'test',
    maskLaw: readChoice(values, 'mask-law', laws) ?? 'numpy',
    maskSeed: readInteger(values, 'mask-seed', 0) ?? 42,
    keepRatio: readShare(values, 'keep') ?? fallback.keepRatio,
    cacheFolder: cacheFolder(),
  } as const;
}

/** The job for a run's checkpoint: what the user said, else what the run was set up with. */
export function readSamplingJob(values: OptionValues, run: RunRecord, checkpoint: string): SamplingJob {
  const { config } = run;
  return {
    ...readDataOptions(values, { source: config.data.source, keepRatio: config.mask.keepRatio }),
    config,
    checkpoint,
    solver: readChoice(values, 'solver', solverNames) ?? config.sampler.solver,
    steps: readInteger(values, 'steps') ?? config.sampler.steps,
    samples: readInteger(values, 'samples') ?? 1,
    seed: readInteger(values, 'seed', 0) ?? 0,
    paste: !readFlag(values, 'no-paste'),
  };
}
