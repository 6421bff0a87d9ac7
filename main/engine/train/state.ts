/** The state of a training run as a flat list of tensors with a layout by name: what a step maps, what a checkpoint holds. */

import type * as tf from '@tensorflow/tfjs-core';
import { type AverageKind, type Averaging, keptAverages } from '../../../shared/config/keptAverages.ts';
import {
  initialValues,
  type NamedArray,
  type NamedArrays,
  type NamedTensors,
  type ParameterSpec,
  toTensor,
} from '../field/parameters.ts';

/** What a tensor of the state is for. `buffer` is a fixed parameter. */
export type StateKind = 'param' | 'buffer' | 'adam.first' | 'adam.second' | AverageKind;

export interface StateEntry {
  readonly kind: StateKind;
  /** The parameter's name. */
  readonly parameter: string;
  readonly shape: readonly number[];
}

/** Order and meaning of the state's tensors; the same for every step of a run. */
export type StateLayout = readonly StateEntry[];

/** The name of an entry in a checkpoint, e.g. `adam.first/perceiver.latents`. */
export function entryName(entry: StateEntry): string {
  return `${entry.kind}/${entry.parameter}`;
}

/** `averaging` says which averages are kept. */
export function stateLayout(specs: readonly ParameterSpec[], averaging: Averaging): StateLayout {
  const trainable = specs.filter((spec) => spec.isTrainable);
  const entries = (kind: StateKind, of: readonly ParameterSpec[]): StateEntry[] =>
    of.map(({ name, shape }) => ({ kind, parameter: name, shape }));
  return [
    ...entries('param', trainable),
    ...entries(
      'buffer',
      specs.filter((spec) => !spec.isTrainable),
    ),
    ...entries('adam.first', trainable),
    ...entries('adam.second', trainable),
    ...keptAverages(averaging).flatMap(({ kind }) => entries(kind, trainable)),
  ];
}

/** The state a run begins with: drawn parameters, zero moments, every average equal to the parameters. Arrays share memory: read only. */
export function initialState(
  specs: readonly ParameterSpec[],
  layout: StateLayout,
  seed: number,
): NamedArrays {
  const drawn = initialValues(specs, seed);
  // All moments look at the same zeros: of a large network they would be most of the memory a run begins with.
  const zeros = new Float32Array(Math.max(0, ...Object.values(drawn).map(({ values }) => values.length)));
  return Object.fromEntries(
    layout.map((entry) => {
      const isMoment = entry.kind === 'adam.first' || entry.kind === 'adam.second';
      const { values } = drawn[entry.parameter];
      return [
        entryName(entry),
        { shape: entry.shape, values: isMoment ? zeros.subarray(0, values.length) : values },
      ];
    }),
  );
}

/** Arrays to tensors in layout order. @throws Error naming the first entry that is missing or has another shape. */
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

/** Copies the state out of the backend. */
export async function fromState(state: readonly tf.Tensor[], layout: StateLayout): Promise<NamedArrays> {
  const arrays: Record<string, NamedArray> = {};
  for (const [index, entry] of layout.entries()) {
    const values = (await state[index].data()) as Float32Array;
    arrays[entryName(entry)] = { shape: entry.shape, values };
  }
  return arrays;
}

/** The tensors of some kinds by parameter name; a view, nothing is copied. */
export function selectState(
  state: readonly tf.Tensor[],
  layout: StateLayout,
  kinds: readonly StateKind[],
): NamedTensors {
  return Object.fromEntries(
    layout.flatMap((entry, index) => (kinds.includes(entry.kind) ? [[entry.parameter, state[index]]] : [])),
  );
}

/** The weights to sample with, the main average by default where the run keeps one, and the buffers. */
export function samplingParameters(
  state: readonly tf.Tensor[],
  layout: StateLayout,
  weights: WeightsKind = mainWeights(layout),
): NamedTensors {
  return selectState(state, layout, [weights, 'buffer']);
}

/** What a field can be sampled with: the weights of the last step, or an average. */
export type WeightsKind = 'param' | AverageKind;

function mainWeights(layout: StateLayout): WeightsKind {
  return layout.some((entry) => entry.kind === 'average') ? 'average' : 'param';
}
