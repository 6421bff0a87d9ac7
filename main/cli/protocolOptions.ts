/** `--mask-seeds`, `--keep-ratios`, `--curve`: one run under several protocols, or sampled in several ways. */

import { solverNames } from '../../shared/config/config.ts';
import type { EvaluateJob } from '../compute/protocol.ts';
import { type OptionValues, UsageError } from './command.ts';
import { readIntegers, readShares, readWords, valueOption } from './options.ts';

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
  const seeds = readIntegers(values, 'mask-seeds') ?? [job.maskSeed];
  const ratios = readShares(values, 'keep-ratios') ?? [job.keepRatio];
  return ratios.flatMap((keepRatio) => seeds.map((maskSeed) => ({ ...job, keepRatio, maskSeed })));
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
  const plans = (solvers ?? [job.solver]).flatMap((solver) =>
    steps.map((count) => ({ solver, steps: count })),
  );
  return { ...job, samples, plans };
}
