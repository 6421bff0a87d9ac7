/** The options that say what a trained field is sampled on, and how; shared by evaluate, reconstruct and baselines. */

import { type SamplerConfig } from '../../shared/config/config.ts';
import { samplerSchema, solverNames } from '../../shared/config/samplerConfig.ts';
import { splits } from '../../shared/dataset.ts';
import { datasetMaskLaws } from '../../shared/images/mask.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { EvaluateJob, SamplingJob } from '../compute/protocol.ts';
import { expectedData } from '../jobs/evaluationJob.ts';
import { type OptionValues, UsageError } from './command.ts';
import { cacheFolder } from './labStore.ts';
import { absoluteSource } from './typedPaths.ts';
import {
  changedDataName,
  flagOption,
  readChoice,
  readDecay,
  readFlag,
  readFraction,
  readInteger,
  readIntegers,
  readPositive,
  readShare,
  readShares,
  readText,
  readWords,
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
  solver: valueOption('NAME', `${solverNames.join(', ')} (default: as the run was set up).`),
  steps: valueOption('N', 'Solver steps (default: as the run was set up).'),
  grid: valueOption('NAME', 'Time grid: uniform, cosine, edm or shifted (default: as the run was set up).'),
  eta: valueOption('H', 'Share of fresh noise in ddim, 0 to 1 (default: as the run was set up).'),
  tolerance: valueOption('E', 'Error that dopri5 allows a step (default: as the run was set up).'),
  corrections: valueOption('N', 'Corrections by langevin after each step (default: as the run was set up).'),
  symmetries: valueOption(
    '1|2|8',
    'Average the posterior mean over mirrored (2), mirrored and turned (8) pictures (default: as the run was set up).',
  ),
  samples: valueOption('K', 'Also average this many samples (default 1).'),
  seed: valueOption('S', 'Seed of the starting noise (default 0).'),
  ema: valueOption('D|off', "Decay of the averaged weights, or off (default: the run's main average)."),
  'no-paste': flagOption('Score the field at observed pixels too, instead of pasting them.'),
};

export function readDataOptions(values: OptionValues, fallback: { source: string; keepRatio: number }) {
  return {
    source: absoluteSource(readText(values, 'data') ?? fallback.source),
    split: readChoice(values, 'split', splits) ?? 'test',
    maskLaw: readChoice(values, 'mask-law', datasetMaskLaws) ?? 'numpy',
    maskSeed: readInteger(values, 'mask-seed', 0) ?? 42,
    keepRatio: readShare(values, 'keep') ?? fallback.keepRatio,
  } as const;
}

/** The job for a run's checkpoint: what the user said, else what the run was set up with. */
export function readSamplingJob(values: OptionValues, run: RunRecord, checkpoint: string): SamplingJob {
  const { data, mask, sampler } = run.config;
  const measured = readDataOptions(values, { source: data.source, keepRatio: mask.keepRatio });
  return {
    checkpoint,
    cacheFolder: cacheFolder(),
    protocol: {
      ...measured,
      imageSize: data.imageSize,
      pasted: !readFlag(values, 'no-paste'),
      noiseSeed: readInteger(values, 'seed', 0) ?? 0,
    },
    ...expectedData(run, { source: measured.source, acceptChangedData: readFlag(values, changedDataName) }),
    plans: [readSampler(values, sampler)],
    samples: readInteger(values, 'samples') ?? 1,
    weights: readDecay(values, 'ema'),
  };
}

function readSampler(values: OptionValues, fallback: SamplerConfig): SamplerConfig {
  return {
    ...fallback,
    solver: readChoice(values, 'solver', solverNames) ?? fallback.solver,
    steps: readInteger(values, 'steps') ?? fallback.steps,
    grid: readChoice(values, 'grid', samplerSchema.shape.grid.unwrap().options) ?? fallback.grid,
    eta: readFraction(values, 'eta') ?? fallback.eta,
    tolerance: readPositive(values, 'tolerance') ?? fallback.tolerance,
    symmetries: readSymmetries(values) ?? fallback.symmetries,
    correctorSteps: readInteger(values, 'corrections', 0) ?? fallback.correctorSteps,
  };
}

function readSymmetries(values: OptionValues): number | undefined {
  const words = readChoice(values, 'symmetries', ['1', '2', '8']);
  return words === undefined ? undefined : Number(words);
}

export const protocolOptions = {
  'mask-seeds': valueOption('i,j,k', 'Several mask seeds, each a protocol of its own.'),
  'keep-ratios': valueOption('a,b,c', 'Several shares of observed pixels, each a protocol of its own.'),
};

export const curveOptions = {
  curve: valueOption('n,m,k', 'Quality against NFE and seconds: these numbers of solver steps.'),
  solvers: valueOption('a,b', 'The solvers of the curve (default: as the run was set up).'),
};

/** Samples of a curve where nobody says: enough for a CRPS. */
const curveSamples = 4;

/** A job a protocol, keep ratios outside, mask seeds inside. */
export function readProtocols(values: OptionValues, job: EvaluateJob): EvaluateJob[] {
  const seeds = readIntegers(values, 'mask-seeds') ?? [job.protocol.maskSeed];
  const ratios = readShares(values, 'keep-ratios') ?? [job.protocol.keepRatio];
  return ratios.flatMap((keepRatio) =>
    seeds.map((maskSeed) => ({ ...job, protocol: { ...job.protocol, keepRatio, maskSeed } })),
  );
}

/** The job with the curve's plans; undefined where none was asked for. @throws UsageError for a single sample. */
export function readCurve(values: OptionValues, job: EvaluateJob): EvaluateJob | undefined {
  const steps = readIntegers(values, 'curve', 1);
  const solvers = readWords(values, 'solvers', solverNames);
  if (steps === undefined) {
    if (solvers)
      throw new UsageError('--solvers belongs to a curve: say its steps too, such as --curve 1,4,16.');
    return undefined;
  }
  const samples = values['samples'] === undefined ? curveSamples : job.samples;
  if (samples < 2) {
    throw new UsageError(`--curve measures spread and needs --samples 2 or more, found ${samples}.`);
  }
  const [plan] = job.plans;
  const plans = (solvers ?? [plan.solver]).flatMap((solver) =>
    steps.map((count) => ({ ...plan, solver, steps: count })),
  );
  return { ...job, samples, plans };
}
