/** Estimates the time and memory of a run before it starts. */

import type { RunEstimate } from '../../../shared/contract/training.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { DoctorReport } from '../../../shared/doctor.ts';
import { areCropped } from '../../../shared/dataset.ts';
import { countEpochSteps } from '../../../shared/config/longerBudget.ts';
import {
  countActivationBytes,
  countCheckpointBytes,
  countParameters,
  countStepOperations,
} from '../../../shared/config/networkSize.ts';
import { photographMemory } from '../../datasets/photographs.ts';
import { listSpeeds, type MeasuredSpeed } from '../../store/runs/runs.ts';
import type { LaboratoryParts } from '../parts.ts';

/** Bytes of an idle compute process: TensorFlow's libraries and memory pools. */
const processBytes = 400e6;
/** Fraction of the speed of large matrix products that a training step typically reaches. */
const typicalEfficiency = 0.4;

type Parts = Pick<LaboratoryParts, 'store' | 'library' | 'system'>;

/** @throws RequestFailure when there is no such dataset. */
export async function estimateRun(
  { store, library, system }: Parts,
  { config: requested, datasetId }: { readonly config: RunConfig; readonly datasetId: string },
): Promise<RunEstimate> {
  const { trainImages, testImages } = await library.find(datasetId);
  const config = { ...requested, data: { ...requested.data, source: library.sourceOf(datasetId) } };
  const pace = estimatePace(config, listSpeeds(store.db), system.report());
  const limit = config.train.steps ?? stepsOfEpochs(config, trainImages);
  const checkpointBytes = countCheckpointBytes(config);
  const imageBytes = countImageBytes(config, (trainImages ?? 0) + (testImages ?? 0));
  return {
    parameters: countParameters(config.field),
    stepMilliseconds: pace.milliseconds,
    stepRange: pace.range,
    explanation: pace.explanation,
    checkpointBytes,
    ...estimateLength(config, limit, pace),
    // State and gradients, the next state while it is computed, the images, and the activations of a step.
    memoryBytes: processBytes + 2 * checkpointBytes + imageBytes + countActivationBytes(config),
  };
}

/** Bytes of a photograph of 12 megapixels: what telephones take. */
const typicalPhotographBytes = 36e6;

function countImageBytes({ data }: RunConfig, images: number): number {
  if (areCropped(data)) return Math.min(images * typicalPhotographBytes, photographMemory);
  return images * data.imageSize ** 2 * 3;
}

function stepsOfEpochs(config: RunConfig, images: number | null): number | null {
  return images === null ? null : config.train.epochs * countEpochSteps(config, images);
}

/** How long a run takes and how many steps it does, by the limit that it reaches first. */
export function estimateLength(
  { train }: RunConfig,
  limit: number | null,
  { milliseconds, range }: PaceEstimate,
): Pick<RunEstimate, 'totalSteps' | 'stepsRange' | 'totalSeconds' | 'secondsRange'> {
  const byTime = train.minutes === null ? Infinity : train.minutes * 60;
  const lengthAt = (pace: number) => {
    const seconds = Math.min(byTime, ((limit ?? Infinity) * pace) / 1000);
    const steps = Math.min(limit ?? Infinity, Math.max(1, Math.floor((byTime * 1000) / pace)));
    return { seconds, steps };
  };
  if (milliseconds === null || range === null) {
    const isTimed = train.minutes !== null;
    return {
      totalSteps: isTimed ? null : limit,
      stepsRange: null,
      totalSeconds: isTimed ? byTime : null,
      secondsRange: null,
    };
  }
  const { seconds, steps } = lengthAt(milliseconds);
  const [fast, slow] = range.map(lengthAt);
  const isKnown = Number.isFinite(seconds);
  return {
    totalSteps: Number.isFinite(steps) ? steps : null,
    stepsRange: fast.steps === slow.steps ? null : [slow.steps, fast.steps],
    totalSeconds: isKnown ? seconds : null,
    secondsRange: !isKnown || fast.seconds === slow.seconds ? null : [fast.seconds, slow.seconds],
  };
}

export interface PaceEstimate {
  /** null while nothing is known of the speed of this machine. */
  readonly milliseconds: number | null;
  /** Where it probably lies, fastest first; null as `milliseconds`. */
  readonly range: readonly [number, number] | null;
  readonly explanation: string;
}

/** Runs of the same work that took longer than this many times the fastest were slowed down by something else. */
const disturbed = 1.5;
/** Estimates from other networks, and from the doctor's measurement alone, are off by up to such factors. */
const otherNetworkFactor = 2;
const doctorFactor = 3;
/** A network with more than so many times the operations of another, or fewer, spends its time differently. */
const farthest = 4;
/** With so many times the operations, or fewer, the time of the one says nothing of the other. */
const unrelated = 32;

/**
 * Estimates from equal runs, otherwise from the runs closest in operations, otherwise from the doctor's report, which also
 * comes before runs that are far in operations. Without a report, a run that is farther still gives no estimate. Runs on other
 * backends do not count. `speeds`: newest first.
 */
export function estimatePace(
  config: RunConfig,
  speeds: readonly MeasuredSpeed[],
  report: DoctorReport | null,
): PaceEstimate {
  const here = listOwnSpeeds(speeds, report);
  const operations = countStepOperations(config);
  const reported = estimateFromReport(operations, report);
  const equal = findUndisturbed(here, config);
  if (equal.length > 0) return estimateFromEqual(equal, reported);
  const factorOf = (speed: MeasuredSpeed) => operations / countStepOperations(speed.config);
  const distance = (speed: MeasuredSpeed) => Math.abs(Math.log(factorOf(speed)));
  const [nearest] = here.toSorted((one, other) => distance(one) - distance(other));
  const isFar = !nearest || distance(nearest) > Math.log(farthest);
  if (!nearest || (isFar && reported.milliseconds !== null)) return reported;
  const factor = factorOf(nearest);
  if (distance(nearest) > Math.log(unrelated)) return notMeasured(nearest.name, factor);
  const measured = findUndisturbed(here, nearest.config).map(({ secondsPerStep }) => secondsPerStep);
  const milliseconds = 1000 * factor * medianOf(measured);
  const [fastest, slowest] = rangeAround(milliseconds, otherNetworkFactor);
  // Much of a small network's step is not spent on operations.
  const spread = milliseconds / factor;
  return {
    milliseconds,
    range: [
      Math.min(fastest, spread * (farthest / otherNetworkFactor)),
      Math.max(slowest, spread / (farthest / otherNetworkFactor)),
    ],
    explanation: `From run “${nearest.name}”, scaled by the operations per step (${Number(factor.toPrecision(2))} times as many).`,
  };
}

function notMeasured(run: string, factor: number): PaceEstimate {
  const times = factor > 1 ? factor : 1 / factor;
  const explanation = `Not known until it is measured: run “${run}”, the closest one, does ${Number(times.toPrecision(2))} times ${factor > 1 ? 'fewer' : 'as many'} operations per step. Run the doctor, or start the run.`;
  return { milliseconds: null, range: null, explanation };
}

/** The speeds of runs on the backend that the doctor found, otherwise on that of the newest run. */
function listOwnSpeeds(speeds: readonly MeasuredSpeed[], report: DoctorReport | null): MeasuredSpeed[] {
  const newest = speeds.at(0)?.backend;
  const kind = report?.backend ?? newest?.kind;
  const device = report?.device ?? newest?.device;
  return speeds.filter(({ backend }) => backend.kind === kind && backend.device === device);
}

/** Runs of the same work that nothing else slowed down much, newest first. */
function findUndisturbed(speeds: readonly MeasuredSpeed[], config: RunConfig): MeasuredSpeed[] {
  const same = speeds.filter((speed) => isSameWork(config, speed.config));
  const fastest = Math.min(...same.map(({ secondsPerStep }) => secondsPerStep));
  return same.filter(({ secondsPerStep }) => secondsPerStep <= disturbed * fastest);
}

/** A single run may have been slowed down all along: then the doctor's speed is the other end of the range. */
function estimateFromEqual(equal: readonly MeasuredSpeed[], reported: PaceEstimate): PaceEstimate {
  const paces = equal.map(({ secondsPerStep }) => 1000 * secondsPerStep);
  const milliseconds = medianOf(paces);
  const fastest = equal.length === 1 ? Math.min(milliseconds, reported.milliseconds ?? Infinity) : Infinity;
  const slack = 1.1;
  return {
    milliseconds,
    range: [Math.min(fastest, Math.min(...paces) / slack), Math.max(...paces) * slack],
    explanation:
      equal.length === 1
        ? `From run “${equal[0].name}”, which had the same network, batch size and image size.`
        : `Median of ${equal.length} runs with the same network, batch size and image size that nothing else slowed down; the newest is “${equal[0].name}”.`,
  };
}

function rangeAround(value: number, factor: number): [number, number] {
  return [value / factor, value * factor];
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function estimateFromReport(operations: number, report: DoctorReport | null): PaceEstimate {
  const gigaflops = report?.gigaflops ?? null;
  if (gigaflops === null) {
    const explanation =
      'Nothing has been trained or measured on this machine yet. Run the doctor, or start the run.';
    return { milliseconds: null, range: null, explanation };
  }
  const billions = operations / 1e9;
  const explanation = `${billions.toPrecision(2)} billion operations per step at about ${typicalEfficiency * 100} % of the ${Math.round(gigaflops)} GFLOP/s that the doctor measured.`;
  const milliseconds = (1000 * billions) / (typicalEfficiency * gigaflops);
  return { milliseconds, range: rangeAround(milliseconds, doctorFactor), explanation };
}

function isSameWork(one: RunConfig, other: RunConfig): boolean {
  const workOf = ({ field, train, data, mask, path }: RunConfig) => [
    'dropout' in field ? { ...field, dropout: field.dropout > 0 } : field,
    [train.batchSize, data.imageSize, mask.keepRatio, mask.targetRatio, path.start],
  ];
  return JSON.stringify(workOf(one)) === JSON.stringify(workOf(other));
}
