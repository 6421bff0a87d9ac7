/** The second half of a step: gradients update the weights by Adam or Muon, and these the averages. */

import type * as tf from '@tensorflow/tfjs-core';
import type { OptimConfig } from '../../../shared/config/config.ts';
import { keptAverages } from '../../../shared/config/keptAverages.ts';
import { adamUpdate, decayWeights, updateAverage } from '../optim/adamw.ts';
import { createPacking, type Packing } from '../optim/gradients.ts';
import { muonUpdate } from '../optim/muon.ts';
import type { StateKind, StateLayout } from './state.ts';
import type { UpdateScalars } from './trainingBatch.ts';

export interface StateUpdate {
  /** How the gradients of the parameters are packed, in the order of the layout. */
  readonly packing: Packing;
  /** Returns the next state. The old and the new one share no tensor. */
  updateState(
    state: readonly tf.Tensor[],
    scalars: UpdateScalars,
    gradients: readonly tf.Tensor[],
  ): tf.Tensor[];
}

/** Creates the update of all trainable parameters and of their averages. Buffers are copied. */
export function createUpdate(layout: StateLayout, optim: OptimConfig): StateUpdate {
  const { adam, packing } = packParameters(layout);
  const updateState: StateUpdate['updateState'] = (state, scalars, gradients) => {
    const { stepSize, secondCorrection, learningRate, weightsKept, averageDecays } = scalars;
    const old = (kind: StateKind) => state.filter((_, index) => layout[index].kind === kind);
    const trained = layout.flatMap(({ kind, parameter }, index) =>
      kind === 'param' ? [{ name: parameter, value: state[index] }] : [],
    );
    const values = packing.pack(decayWeights(trained, weightsKept));
    const [firsts, seconds, momenta] = [
      adam.pack(old('adam.first')),
      adam.pack(old('adam.second')),
      old('momentum'),
    ];
    const byAdam = firsts.map((first, index) =>
      adamUpdate({ value: values[index], first, second: seconds[index] }, gradients[index], {
        ...optim,
        stepSize,
        secondCorrection,
      }),
    );
    const byMuon = momenta.map((momentum, number) => {
      if (!learningRate) throw new Error('The run is trained by Muon, and its batch has no learning rate.');
      const index = byAdam.length + number;
      return muonUpdate({ value: values[index], momentum }, gradients[index], learningRate);
    });
    const next = [...byAdam, ...byMuon].map(({ value }) => value);
    const updated = new Map<StateKind, Iterator<tf.Tensor, undefined>>([
      ['param', packing.unpack(next).values()],
      ['adam.first', adam.unpack(byAdam.map(({ first }) => first)).values()],
      ['adam.second', adam.unpack(byAdam.map(({ second }) => second)).values()],
      ['momentum', byMuon.map(({ momentum }) => momentum).values()],
    ]);
    keptAverages(optim).forEach(({ kind }, number) => {
      const averages = packing
        .pack(old(kind))
        .map((average, index) => updateAverage(average, next[index], averageDecays[number]));
      updated.set(kind, packing.unpack(averages).values());
    });
    return layout.map(({ kind }, index) => updated.get(kind)?.next().value ?? state[index].clone());
  };
  return { packing, updateState };
}

/** Packs the parameters that Adam updates; those that Muon does follow one by one. */
function packParameters(layout: StateLayout): { readonly adam: Packing; readonly packing: Packing } {
  const withMomentum = new Set(
    layout.flatMap(({ kind, parameter }) => (kind === 'momentum' ? [parameter] : [])),
  );
  const parameters = layout.filter(({ kind }) => kind === 'param');
  const isByMuon = parameters.map(({ parameter }) => withMomentum.has(parameter));
  const adam = createPacking(parameters.filter((_, index) => !isByMuon[index]).map(({ shape }) => shape));
  const packing: Packing = {
    pack: (tensors) => [
      ...adam.pack(tensors.filter((_, index) => !isByMuon[index])),
      ...tensors.filter((_, index) => isByMuon[index]),
    ],
    unpack(packed) {
      const count = packed.length - withMomentum.size;
      const byAdam = adam.unpack(packed.slice(0, count)).values();
      const byMuon = packed.slice(count).values();
      return isByMuon.map((muon) => (muon ? byMuon : byAdam).next().value as tf.Tensor);
    },
  };
  return { adam, packing };
}
