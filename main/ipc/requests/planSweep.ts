/** A dry run of a sweep: how many runs it has, how long they take, and how much disk they need. */

import { statfsSync } from 'node:fs';
import type { RunConfig } from '../../../shared/config/config.ts';
import { countCheckpointBytes } from '../../../shared/config/networkSize.ts';
import { countEpochSteps } from '../../../shared/config/longerBudget.ts';
import type { DoctorReport } from '../../../shared/doctor.ts';
import { type ConfiguredMember, expandSweep } from '../../../shared/sweep/expandSweep.ts';
import { describeRung, rungsOf } from '../../../shared/sweep/halving.ts';
import { amountOf, pathsOf, type SweepSpec } from '../../../shared/sweep/sweep.ts';
import type { SweepPlan } from '../../../shared/sweep/sweepViews.ts';
import { evaluationRequestOf } from '../../../shared/sweep/sweepScore.ts';
import type { TimeEstimate } from '../../../shared/text/timeRange.ts';
import { measureSlowness } from '../../runtime/processorSpeed.ts';
import { listSpeeds } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import { estimateLength, estimatePace } from './estimateRun.ts';
import { addTimes, estimateEvaluation } from './estimateTimes.ts';

/** Members that a plan lists. */
const mostListed = 1000;
/** Seconds that a compute process takes to start and compile, twice for each rung: for training and for evaluation. */
const startSeconds = 3;

/** @throws SweepError as `expandSweep`. */
export function planSweep(
  {
    store,
    report,
  }: { readonly store: Pick<Store, 'db' | 'dataFolder'>; readonly report: DoctorReport | null },
  spec: SweepSpec,
  { lanes, trainImages }: { readonly lanes: number; readonly trainImages: number | null },
): SweepPlan {
  const members = expandSweep(spec);
  const first = members.filter(({ index, setting }) => index === setting);
  const seeds = members.length / first.length;
  const rungs = rungsOf(spec);
  const estimate = (config: RunConfig) => estimateMember({ store, report }, { spec, config, trainImages });
  const costs = first.map(({ config }) => estimate(config));
  const whole = costs.reduce(addTimes);
  const work = { whole, seeds, lanes: Math.min(lanes, members.length), runs: members.length };
  const bytes = seeds * first.reduce((sum, { config }) => sum + countRunBytes(config), 0);
  const freeBytes = readFreeBytes(store.dataFolder);
  return {
    members: members.length,
    settings: first.length,
    seeds,
    rungs,
    list: members
      .slice(0, mostListed)
      .map(({ index, setting, values, seed, name }) => ({ index, setting, values, seed, name })),
    time: estimateAll(spec, work),
    lanes: work.lanes,
    bytes,
    freeBytes,
    warnings: findWarnings(spec, first, { bytes, freeBytes, seeds }),
  };
}

/** The time of one member with its whole budget and one evaluation. */
function estimateMember(
  { store, report }: { readonly store: Pick<Store, 'db'>; readonly report: DoctorReport | null },
  { spec, config, trainImages }: { spec: SweepSpec; config: RunConfig; trainImages: number | null },
): TimeEstimate {
  const pace = estimatePace(config, listSpeeds(store.db), report);
  const { epochs, steps } = config.train;
  const limit = steps ?? (trainImages === null ? null : epochs * countEpochSteps(config, trainImages));
  const { totalSeconds, secondsRange } = estimateLength(config, limit, pace);
  const training: TimeEstimate = {
    seconds: totalSeconds,
    range: totalSeconds === null ? null : (secondsRange ?? [totalSeconds, totalSeconds]),
    explanation: pace.explanation,
  };
  const {
    solver,
    steps: count,
    samples,
    images,
    keepRatio = config.mask.keepRatio,
  } = evaluationRequestOf(spec);
  const plan = { solver, steps: count, symmetries: config.sampler.symmetries };
  return addTimes(
    training,
    estimateEvaluation({ db: store.db, report, slowness: measureSlowness }, config, {
      plans: [plan],
      samples,
      images,
      protocol: { keepRatio },
    }),
  );
}

/** Time of all members; with halving, as if every rung kept its best 1/eta. */
function estimateAll(
  spec: SweepSpec,
  { whole, seeds, lanes, runs }: { whole: TimeEstimate; seeds: number; lanes: number; runs: number },
): TimeEstimate {
  const starts = rungsOf(spec).length * 2 * startSeconds * runs;
  const fraction = spec.halving ? fractionComputed(spec, runs) : 1;
  const scale = (seconds: number) => (seconds * seeds * fraction + starts) / lanes;
  const { seconds, range, explanation } = whole;
  return {
    seconds: seconds === null ? null : scale(seconds),
    range: range && [scale(range[0]), scale(range[1])],
    explanation:
      lanes > 1
        ? `${explanation} ${lanes} runs at a time, as if they did not slow each other down.`
        : explanation,
  };
}

/** Fraction of the budgets of all members that successive halving computes. */
function fractionComputed({ budget, halving }: SweepSpec, runs: number): number {
  const eta = halving?.eta ?? 1;
  let computed = 0;
  let left = runs;
  let before = 0;
  for (const rung of rungsOf({ budget, halving })) {
    computed += left * (amountOf(rung) - before);
    before = amountOf(rung);
    left = Math.max(1, Math.floor(left / eta));
  }
  return computed / (runs * amountOf(budget));
}

/** The checkpoints that are kept: the newest ones, and the best one besides. */
function countRunBytes(config: RunConfig): number {
  return countCheckpointBytes(config) * (config.train.keepCheckpoints + 1);
}

function readFreeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function findWarnings(
  spec: SweepSpec,
  settings: readonly ConfiguredMember[],
  { bytes, freeBytes, seeds }: { bytes: number; freeBytes: number | null; seeds: number },
): string[] {
  const paths = spec.axes.flatMap(pathsOf);
  const ofImages = paths.filter(
    (path) => path.startsWith('data.') && !['data.flips', 'data.turns'].includes(path),
  );
  const isTimed = settings.some(({ config }) => config.train.minutes !== null);
  const [rung] = rungsOf(spec);
  return [
    ...(freeBytes !== null && bytes > freeBytes
      ? ['The checkpoints of all runs do not fit on the disk. Keep fewer checkpoints, or compute fewer runs.']
      : []),
    ...(ofImages.length > 0
      ? [
          `${ofImages.join(' and ')} may change the images that runs are scored on, so that their scores do not compare.`,
        ]
      : []),
    ...(isTimed
      ? [
          'Runs with a budget in minutes do as many steps as the machine has time for, and cannot be repeated exactly. Use a budget in steps.',
        ]
      : []),
    ...(seeds === 1 && settings.length > 1
      ? ['Every setting has one seed, so that its score may be chance. Add seeds.']
      : []),
    ...(spec.halving && settings.length * seeds < spec.halving.eta
      ? [`With fewer than ${spec.halving.eta} runs, none is stopped early after ${describeRung(rung)}.`]
      : []),
  ];
}
