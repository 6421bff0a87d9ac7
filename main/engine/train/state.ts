/** The state of a training run: a flat list of tensors with a named layout, which a step maps and a checkpoint stores. */

import type * as tf from '@tensorflow/tfjs-core';
import type { OptimConfig } from '../../../shared/config/config.ts';
import { type AverageKind, type Averaging, keptAverages } from '../../../shared/config/keptAverages.ts';
import { initialValues, type ParameterSpec } from '../field/parameters.ts';
import { isOrthogonalised } from '../optim/muon.ts';
import { type NamedArray, type NamedArrays, type NamedTensors, toTensor } from '../tensors.ts';

/** The role of a tensor in the state. `buffer` is a fixed parameter, `momentum` that of Muon. */
export type StateKind = 'param' | 'buffer' | 'adam.first' | 'adam.second' | 'momentum' | AverageKind;

export interface StateEntry {
  readonly kind: StateKind;
  /** Name of the parameter. */
  readonly parameter: string;
  readonly shape: readonly number[];
}

/** Order and meaning of the tensors in a state; the same for every step of a run. */
export type StateLayout = readonly StateEntry[];

/** Returns the name of an entry in a checkpoint, e.g. `adam.first/perceiver.latents`. */
export function entryName(entry: StateEntry): string {
  return `${entry.kind}/${entry.parameter}`;
}

/** Returns the layout of a network's state; `optim` determines which momenta and EMAs of the weights it holds. */
export function stateLayout(
  specs: readonly ParameterSpec[],
  optim: Averaging & Pick<OptimConfig, 'kind'>,
): StateLayout {
  const trainable = specs.filter((spec) => spec.isTrainable);
  const isByMuon = (spec: ParameterSpec) => optim.kind === 'muon' && isOrthogonalised(spec);
  const byAdam = trainable.filter((spec) => !isByMuon(spec));
  const entries = (kind: StateKind, of: readonly ParameterSpec[]): StateEntry[] =>
    of.map(({ name, shape }) => ({ kind, parameter: name, shape }));
  return [
    ...entries('param', trainable),
    ...entries(
      'buffer',
      specs.filter((spec) => !spec.isTrainable),
    ),
    ...entries('adam.first', byAdam),
    ...entries('adam.second', byAdam),
    ...entries('momentum', trainable.filter(isByMuon)),
    ...keptAverages(optim).flatMap(({ kind }) => entries(kind, trainable)),
  ];
}

/**
 * Returns the state a run begins with, by `entryName`: sampled parameters, zero moments, and averages equal to the
 * parameters. The arrays share memory: do not write to them.
 */
export function initialState(
  specs: readonly ParameterSpec[],
  layout: StateLayout,
  seed: number,
): NamedArrays {
  const sampled = initialValues(specs, seed);
  // All moments are views of the same zeros: separate ones would be most of a large network's memory at the start.
  const zeros = new Float32Array(Math.max(0, ...Object.values(sampled).map(({ values }) => values.length)));
  return Object.fromEntries(
    layout.map((entry) => {
      const isMoment = ['adam.first', 'adam.second', 'momentum'].includes(entry.kind);
      const { values } = sampled[entry.parameter];
      return [
        entryName(entry),
        { shape: entry.shape, values: isMoment ? zeros.subarray(0, values.length) : values },
      ];
    }),
  );
}

/**
 * Returns the tensors of a state in the order of its layout; the caller owns them.
 * @throws Error naming the first entry that is missing or has another shape.
 */
export function toState(arrays: NamedArrays, layout: StateLayout): tf.Tensor[] {
  layout.forEach((entry) => checkEntry(entry, arrays[entryName(entry)]));
  return layout.map((entry) => toTensor(arrays[entryName(entry)]));
}

function checkEntry(entry: StateEntry, found: NamedArray | undefined): void {
  const name = entryName(entry);
  const expected = `[${entry.shape.join(', ')}]`;
  if (!found) {
    throw new Error(
      `The checkpoint has no "${name}" (expected shape ${expected}): it belongs to another network.`,
    );
  }
  if (found.shape.join() !== entry.shape.join()) {
    const shape = `[${found.shape.join(', ')}]`;
    throw new Error(
      `The checkpoint's "${name}" has shape ${shape}, expected ${expected}: it belongs to another network.`,
    );
  }
}

/** Copies a state out of the backend, by `entryName`. */
export async function fromState(state: readonly tf.Tensor[], layout: StateLayout): Promise<NamedArrays> {
  const arrays: Record<string, NamedArray> = {};
  for (const [index, entry] of layout.entries()) {
    const values = (await state[index].data()) as Float32Array;
    arrays[entryName(entry)] = { shape: entry.shape, values };
  }
  return arrays;
}

/** Returns the tensors of some kinds by parameter name, without copying them. */
export function selectState(
  state: readonly tf.Tensor[],
  layout: StateLayout,
  kinds: readonly StateKind[],
): NamedTensors {
  return Object.fromEntries(
    layout.flatMap((entry, index) => (kinds.includes(entry.kind) ? [[entry.parameter, state[index]]] : [])),
  );
}

/** Returns the weights to sample with and the buffers, by name: the main average by default where the run keeps one. */
export function samplingParameters(
  state: readonly tf.Tensor[],
  layout: StateLayout,
  weights: WeightsKind = mainWeights(layout),
): NamedTensors {
  return selectState(state, layout, [weights, 'buffer']);
}

/** Weights that a network can be sampled with: those of the last step, or an average. */
export type WeightsKind = 'param' | AverageKind;

function mainWeights(layout: StateLayout): WeightsKind {
  return layout.some((entry) => entry.kind === 'average') ? 'average' : 'param';
}
