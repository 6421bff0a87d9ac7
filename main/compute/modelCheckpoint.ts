/** Converts between the state of a training run and its checkpoint files. */

import type { Tensor } from '@tensorflow/tfjs-core';
import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import { findAverage, keptAverages, type WeightsChoice } from '../../shared/config/keptAverages.ts';
import { formatProgress, parseProgress, type TrainingProgress } from '../../shared/trainingProgress.ts';
import type { Field } from '../engine/field/field.ts';
import { createScaledField } from '../engine/field/scaledField.ts';
import type { RunFunction } from '../engine/runFunction.ts';
import {
  fromState,
  samplingParameters,
  stateLayout,
  type StateLayout,
  toState,
  type WeightsKind,
} from '../engine/train/state.ts';
import { readCheckpoint, writeCheckpoint, type VerifiedCheckpoint } from '../store/files/checkpointFile.ts';
import { nodeFileSystem, withFile } from '../store/files/fileSystem.ts';
import { readHeader, type StoredTensor } from '../store/files/safetensors.ts';
import { assertDeviceComputes } from './webgpu/device.ts';
import type { Execution } from './execution.ts';
import type { BatchShape } from './sampling/imageBatches.ts';
import type { NamedArrays, NamedTensors } from '../engine/tensors.ts';

/** Returns the layout of a run's training state. */
export function layoutOf(field: Field, config: RunConfig): StateLayout {
  return stateLayout(field.parameters, config.optim);
}

/** Writes `ckpt-<step>.safetensors` atomically. @throws Error if the disk refuses, or the card has failed; older files stay. */
export async function saveState(
  folder: string,
  from: { state: readonly Tensor[]; layout: StateLayout; config: RunConfig; progress: TrainingProgress },
): Promise<VerifiedCheckpoint> {
  const arrays = await fromState(from.state, from.layout);
  assertDeviceComputes();
  const tensors = new Map<string, StoredTensor>(
    Object.entries(arrays).map(([name, { shape, values }]) => [
      name,
      { dtype: 'F32', shape, data: values as Float32Array<ArrayBuffer> },
    ]),
  );
  const { step, ...rest } = from.progress;
  const metadata = { config: JSON.stringify(from.config), progress: formatProgress(rest) };
  return writeCheckpoint(folder, { step, tensors, metadata });
}

/** Reads the configuration alone, without checking the numbers. @throws Error if the file's header is damaged. */
export function readConfig(path: string): RunConfig {
  return withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) => {
    const { metadata } = readHeader({ path, file }, nodeFileSystem).header;
    return runConfigSchema.parse(JSON.parse(metadata['config']));
  });
}

/** Reads a checkpoint of any network (see toState). @throws Error if it is damaged or not float32. */
export function loadState(path: string): {
  arrays: NamedArrays;
  config: RunConfig;
  progress: TrainingProgress;
} {
  const { step, tensors, metadata } = readCheckpoint(path);
  const arrays = Object.fromEntries(
    Array.from(tensors, ([name, { shape, data }]) => {
      if (!(data instanceof Float32Array)) throw new Error(`The checkpoint's "${name}" is not float32.`);
      return [name, { shape, values: data }];
    }),
  );
  const config = runConfigSchema.parse(JSON.parse(metadata['config']));
  return { arrays, config, progress: { step, ...parseProgress(metadata['progress']) } };
}

/** A network with the weights to sample with. */
export interface TrainedModel {
  /** Runs its functions; a runner serves a single field. */
  readonly run: RunFunction;
  /** How the images are batched when it samples them. */
  readonly batch: BatchShape;
  readonly field: Field;
  readonly config: RunConfig;
  readonly parameters: NamedTensors;
}

/** A model from a checkpoint, with the step at which it was saved. */
export interface LoadedModel extends TrainedModel {
  readonly step: number;
  /** Description of the weights, such as `average 0.999`; null for those that a run is sampled with by default. */
  readonly weightsName: string | null;
  /** The choice that led to these weights; null for the default. */
  readonly weightsChoice: WeightsChoice | null;
}

/**
 * Loads the model of a checkpoint, by default with the run's main EMA of the weights if it keeps one. The caller disposes
 * of its parameters.
 * @throws Error if the file is damaged, lacks a weight of its network, or keeps no such average.
 */
export function loadModel(
  path: string,
  { run, batchShape }: Pick<Execution, 'run' | 'batchShape'>,
  choice?: WeightsChoice,
): LoadedModel {
  const { arrays, config, progress } = loadState(path);
  const field = createScaledField(config);
  const { kind: weights, name: weightsName } = chooseWeights(config, choice);
  const weightsChoice = weightsName === null ? null : (choice ?? null);
  // Sampling needs neither the optimizer's moments nor the other averages, which are several times as large as the weights.
  const layout = layoutOf(field, config).filter(({ kind }) => kind === weights || kind === 'buffer');
  const parameters = samplingParameters(toState(arrays, layout), layout, weights);
  return {
    run,
    batch: batchShape(config),
    field,
    config,
    parameters,
    step: progress.step,
    weightsName,
    weightsChoice,
  };
}

function chooseWeights(
  { optim }: RunConfig,
  choice: WeightsChoice | undefined,
): { kind: WeightsKind; name: string | null } {
  const main = keptAverages(optim).at(0)?.decay ?? 'off';
  const wanted = choice ?? main;
  const average = findAverage(optim, wanted);
  if (average === null) return { kind: 'param', name: main === 'off' ? null : 'not averaged' };
  return { kind: average.kind, name: wanted === main ? null : `average ${wanted}` };
}
