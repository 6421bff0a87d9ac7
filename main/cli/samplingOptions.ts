/** Options for the data and the sampler, shared by evaluate, reconstruct, compare-methods and baselines. */

import type { RunConfig, SamplerConfig } from '../../shared/config/config.ts';
import { samplerSchema, solverNames } from '../../shared/config/samplerConfig.ts';
import { dataSourceForms, splits } from '../../shared/dataset.ts';
import { findMaskProblem } from '../../shared/config/maskProblem.ts';
import { evaluationLaw, type LawSettings, maskLawNames, nominalKeepRatio } from '../../shared/masks/laws.ts';
import { maskOfProtocol, type PlannedProtocol, protocolMask, protocolNoise } from '../../shared/metric.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { EvaluateJob, SamplingJob } from '../compute/protocol.ts';
import { curvePlans, expectedData } from '../jobs/evaluationJob.ts';
import { type OptionValues, UsageError } from './command.ts';
import { cacheFolder } from './labStore.ts';
import { checkKeepOptions, maskOptionOptions, readMaskOptions } from './maskOptions.ts';
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
  readRatio,
  readRatios,
  readText,
  readChoices,
  valueOption,
} from './options.ts';

/** Options of every command that scores reconstructions. */
export const dataOptions = {
  data: valueOption('SOURCE', `Images: ${dataSourceForms}.`, 'those of the run'),
  split: valueOption('SPLIT', 'test or train.', 'test'),
  'mask-seed': valueOption('S', 'Seed of the masks.', '42'),
  'mask-law': valueOption(
    'LAW',
    `Law of the masks: ${maskLawNames.join(', ')}.`,
    'as in the run; for random pixels numpy, as in the notebook',
  ),
  ...maskOptionOptions,
  keep: valueOption('R', 'Fraction of observed pixels.', 'as in the run, otherwise 0.2'),
  noise: valueOption(
    'S',
    'Standard deviation of Gaussian noise on the observed values, colours in [0, 1]; with noise, nothing is pasted.',
    'as in the run, otherwise 0',
  ),
};

const asInRun = 'as in the run';

export const samplerOptions = {
  solver: valueOption('NAME', `Solver: ${solverNames.join(', ')}.`, asInRun),
  steps: valueOption('N', 'Solver steps.', asInRun),
  grid: valueOption('NAME', 'Time grid: uniform, cosine, edm or shifted.', asInRun),
  eta: valueOption('H', 'Stochasticity of ddim, 0 (deterministic) to 1.', asInRun),
  tolerance: valueOption('E', 'Error tolerance of a dopri5 step.', asInRun),
  corrections: valueOption('N', 'Langevin corrections after each step.', asInRun),
  symmetries: valueOption(
    '1|2|8',
    'Self-ensemble of the posterior mean: mirrored images (2), mirrored and turned images (8).',
    asInRun,
  ),
  samples: valueOption('K', 'Also score the mean of this many samples.', '1'),
  seed: valueOption('S', 'Seed of the initial noise.', '0'),
  ema: valueOption('D|off', 'Decay of the EMA of the weights, or off.', 'the main EMA of the run'),
  'no-paste': flagOption(
    'Score the prediction at observed pixels too, instead of pasting the observed values.',
  ),
};

export function readDataOptions(
  values: OptionValues,
  fallback: { source: string; keepRatio: number; noise?: number; mask?: LawSettings },
) {
  const law = readLaw(values, fallback.mask ?? { law: 'numpy' });
  return {
    source: absoluteSource(readText(values, 'data') ?? fallback.source),
    split: readChoice(values, 'split', splits) ?? 'test',
    ...protocolMask(law),
    maskSeed: readInteger(values, 'mask-seed', 0) ?? 42,
    keepRatio: nominalKeepRatio({ ...law, keepRatio: readRatio(values, 'keep') ?? fallback.keepRatio }),
    ...protocolNoise(readFraction(values, 'noise') ?? fallback.noise ?? 0, {
      pasted: !readFlag(values, 'no-paste'),
    }),
  } as const;
}

/** Options that are given replace those of the run; a law that is given starts from its defaults. */
function readLaw(values: OptionValues, fallback: LawSettings): LawSettings {
  const law = readChoice(values, 'mask-law', maskLawNames);
  const base = law === undefined ? evaluationLaw(fallback) : { law };
  const settings = { ...base, ...readMaskOptions(values, base.law) };
  checkKeepOptions(values, settings);
  return settings;
}

/**
 * Reads the images and masks that a run of this configuration is scored on.
 * @throws UsageError for values out of range, and for masks that the network cannot be given.
 */
export function readScoredData(values: OptionValues, { data, field, mask }: RunConfig) {
  const { keepRatio, observationNoise: noise } = mask;
  const scored = {
    ...readDataOptions(values, { source: data.source, keepRatio, noise, mask }),
    imageSize: data.imageSize,
    noiseSeed: readInteger(values, 'seed', 0) ?? 0,
  };
  checkScoredMasks(field, scored);
  return scored;
}

/** @throws UsageError for masks that the network cannot be given. */
export function checkScoredMasks(field: RunConfig['field'], protocol: PlannedProtocol): void {
  const problem = findMaskProblem(field, maskOfProtocol(protocol), protocol.imageSize);
  if (problem !== null) throw new UsageError(`These masks do not fit the run: ${problem}.`);
}

/** Returns the job for a checkpoint of the run; options that are absent take the run's configuration. */
export function readSamplingJob(values: OptionValues, run: RunRecord, checkpoint: string): SamplingJob {
  const protocol = readScoredData(values, run.config);
  return {
    checkpoint,
    cacheFolder: cacheFolder(),
    protocol,
    ...expectedData(run, { source: protocol.source, acceptChangedData: readFlag(values, changedDataName) }),
    plans: [readSampler(values, run.config.sampler)],
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

export function readSymmetries(values: OptionValues): number | undefined {
  const symmetries = readChoice(values, 'symmetries', ['1', '2', '8']);
  return symmetries === undefined ? undefined : Number(symmetries);
}

export const protocolOptions = {
  'mask-seeds': valueOption('i,j,k', 'Mask seeds; the run is scored once for each.'),
  'keep-ratios': valueOption('a,b,c', 'Fractions of observed pixels; the run is scored once for each.'),
};

export const curveOptions = {
  curve: valueOption('n,m,k', 'Measure quality against NFE and seconds at these numbers of solver steps.'),
  solvers: valueOption('a,b', 'Solvers of the curve.', asInRun),
};

/** Samples of a curve unless --samples is given: enough for a CRPS. */
const curveSamples = 4;

/** Returns one job per protocol: keep ratios in the outer loop, mask seeds in the inner one. */
export function readProtocols(values: OptionValues, job: EvaluateJob): EvaluateJob[] {
  const seeds = readIntegers(values, 'mask-seeds') ?? [job.protocol.maskSeed];
  const ratios = readRatios(values, 'keep-ratios') ?? [job.protocol.keepRatio];
  return ratios.flatMap((keepRatio) =>
    seeds.map((maskSeed) => ({ ...job, protocol: { ...job.protocol, keepRatio, maskSeed } })),
  );
}

/** Returns the job with the sampling plans of the curve, or undefined without --curve. @throws UsageError for a single sample. */
export function readCurve(values: OptionValues, job: EvaluateJob): EvaluateJob | undefined {
  const steps = readIntegers(values, 'curve', 1);
  const solvers = readChoices(values, 'solvers', solverNames);
  if (steps === undefined) {
    if (solvers)
      throw new UsageError('--solvers needs --curve. Add its numbers of steps, such as --curve 1,4,16.');
    return undefined;
  }
  const samples = values['samples'] === undefined ? curveSamples : job.samples;
  if (samples < 2) {
    throw new UsageError(
      `--samples is ${samples}; --curve measures the spread of samples and needs at least 2.`,
    );
  }
  const [plan] = job.plans;
  const plans = curvePlans(plan, { solvers: solvers ?? [plan.solver], steps }, samples);
  return { ...job, samples, plans };
}
