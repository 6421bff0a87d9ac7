/** Between the state of a training run and its checkpoint files. */

import type { Tensor } from '@tensorflow/tfjs-core';
import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import { findAverage, keptAverages, type WeightsChoice } from '../../shared/config/keptAverages.ts';
import { formatProgress, parseProgress, type TrainingProgress } from '../../shared/trainingProgress.ts';
import type { Field } from '../engine/field/field.ts';
import type { NamedArrays, NamedTensors } from '../engine/field/parameters.ts';
import { createField } from '../engine/field/registry.ts';
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
import type { StoredTensor } from '../store/files/safetensors.ts';
import type { Execution } from './execution.ts';
import type { BatchShape } from './sampling/imageBatches.ts';

/** The layout of a run's state. */
export function layoutOf(field: Field, config: RunConfig): StateLayout {
  return stateLayout(field.parameters, config.optim);
}

/** Writes `ckpt-<step>.safetensors` by the store's protocol. @throws Error when the disk refuses; older files stay. */
export async function saveState(
  folder: string,
  from: { state: readonly Tensor[]; layout: StateLayout; config: RunConfig; progress: TrainingProgress },
): Promise<VerifiedCheckpoint> {
  const arrays = await fromState(from.state, from.layout);
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

/** Reads a checkpoint back, whatever network it belongs to (see toState). @throws Error when it is damaged or not float32. */
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
  /** How its functions are run; one runner serves one field. */
  readonly run: RunFunction;
  /** How the images it samples are batched. */
  readonly batch: BatchShape;
  readonly field: Field;
  readonly config: RunConfig;
  readonly parameters: NamedTensors;
}

/** A model from a checkpoint, and how far it was trained. */
export interface LoadedModel extends TrainedModel {
  readonly step: number;
  /** Which weights they are, in words; null: those a run is sampled with by default. */
  readonly weightsName: string | null;
  /** The choice of them; null as above. */
  readonly weightsChoice: WeightsChoice | null;
}

/**
 * The model a checkpoint holds, by default with the main average where the run keeps one; its tensors live as long as the
 * process.
 * @throws Error when the file is damaged, lacks a weight of the network its configuration describes, or keeps no such average.
 */
export function loadModel(
  path: string,
  { run, batchShape }: Pick<Execution, 'run' | 'batchShape'>,
  choice?: WeightsChoice,
): LoadedModel {
  const { arrays, config, progress } = loadState(path);
  const field = createField(config.field);
  const { kind: weights, name: weightsName } = chooseWeights(config, choice);
  const weightsChoice = weightsName === null ? null : (choice ?? null);
  // The optimizer's moments and the other averages are several times the weights, and sampling reads none of them.
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
