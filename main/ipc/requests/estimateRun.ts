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
  const { milliseconds: stepMilliseconds, explanation } = pace;
  const totalSteps = config.train.steps ?? stepsOfEpochs(config, trainImages);
  const checkpointBytes = countCheckpointBytes(config);
  const imageBytes = countImageBytes(config, (trainImages ?? 0) + (testImages ?? 0));
  return {
    parameters: countParameters(config.field),
    stepMilliseconds,
    totalSteps,
    explanation,
    checkpointBytes,
    totalSeconds: estimateSeconds(config, totalSteps, stepMilliseconds),
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

function estimateSeconds(
  { train }: RunConfig,
  steps: number | null,
  milliseconds: number | null,
): number | null {
  const bySteps = steps === null || milliseconds === null ? null : (steps * milliseconds) / 1000;
  const byTime = train.minutes === null ? null : train.minutes * 60;
  if (bySteps === null || byTime === null) return bySteps ?? byTime;
  return Math.min(bySteps, byTime);
}

export interface PaceEstimate {
  readonly milliseconds: number | null;
  readonly explanation: string;
}

/** Estimates from an equal run, otherwise from the run closest in operations, otherwise from the doctor's report. `speeds`: newest first. */
export function estimatePace(
  config: RunConfig,
  speeds: readonly MeasuredSpeed[],
  report: DoctorReport | null,
): PaceEstimate {
  const device = speeds.at(0)?.backend.device;
  const here = speeds.filter(({ backend }) => backend.device === device);
  const equal = here.find((speed) => isSameWork(config, speed.config));
  if (equal) {
    const explanation = `From run “${equal.name}”, which had the same network, batch size and image size.`;
    return { milliseconds: equal.secondsPerStep * 1000, explanation };
  }
  const operations = countStepOperations(config);
  const factorOf = (speed: MeasuredSpeed) => operations / countStepOperations(speed.config);
  const distance = (speed: MeasuredSpeed) => Math.abs(Math.log(factorOf(speed)));
  const [nearest] = here.toSorted((one, other) => distance(one) - distance(other));
  if (nearest) {
    const explanation = `From run “${nearest.name}”, scaled by the operations per step (${factorOf(nearest).toPrecision(2)} times as many).`;
    return { milliseconds: nearest.secondsPerStep * 1000 * factorOf(nearest), explanation };
  }
  return estimateFromReport(operations, report);
}

function estimateFromReport(operations: number, report: DoctorReport | null): PaceEstimate {
  const gigaflops = report?.gigaflops ?? null;
  if (gigaflops === null) {
    const explanation =
      'Nothing has been trained or measured on this machine yet. Run the doctor, or start the run.';
    return { milliseconds: null, explanation };
  }
  const billions = operations / 1e9;
  const explanation = `${billions.toPrecision(2)} billion operations per step at ${typicalEfficiency * 100} % of the ${Math.round(gigaflops)} GFLOP/s that the doctor measured.`;
  return { milliseconds: (1000 * billions) / (typicalEfficiency * gigaflops), explanation };
}

function isSameWork(one: RunConfig, other: RunConfig): boolean {
  const workOf = ({ field, train, data, mask, path }: RunConfig) => [
    'dropout' in field ? { ...field, dropout: field.dropout > 0 } : field,
    [train.batchSize, data.imageSize, mask.keepRatio, mask.targetRatio, path.start],
  ];
  return JSON.stringify(workOf(one)) === JSON.stringify(workOf(other));
}
