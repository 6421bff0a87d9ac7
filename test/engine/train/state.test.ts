import { describe, expect, it } from 'vitest';
import { layerNormSpecs, linearSpecs, type ParameterSpec } from '../../../main/engine/field/parameters.ts';
import {
  entryName,
  fromState,
  initialState,
  samplingParameters,
  selectState,
  stateLayout,
  toState,
} from '../../../main/engine/train/state.ts';
import { tf } from '../../support/backend.ts';

const frequencies: ParameterSpec = {
  name: 'frequencies',
  shape: [2, 2],
  initial: { law: 'normal', scale: 10 },
  isTrainable: false,
};
const specs = [frequencies, ...linearSpecs('layer', { inputs: 3, outputs: 2 }), ...layerNormSpecs('norm', 2)];
const layout = stateLayout(specs, { kind: 'adamw', ema: 0.9, emaMore: [0.5] });
const arrays = initialState(specs, layout, 42);

describe('stateLayout', () => {
  it('names trained parameters, buffers, both moments and the EMA of the weights', () => {
    const trained = ['layer.weight', 'layer.bias', 'norm.weight', 'norm.bias'];
    const namesOf = (kind: string) => trained.map((name) => `${kind}/${name}`);
    expect(layout.map(entryName)).toEqual([
      ...namesOf('param'),
      'buffer/frequencies',
      ...namesOf('adam.first'),
      ...namesOf('adam.second'),
      ...namesOf('average'),
      ...namesOf('average.2'),
    ]);
    const plain = stateLayout(specs, { kind: 'adamw', ema: 0, emaMore: [] });
    expect(plain).toEqual(layout.filter(({ kind }) => !kind.startsWith('average')));
  });
});

describe('initialState', () => {
  it('sets the moments to zero and the EMA of the weights to the parameters', () => {
    expect(arrays['adam.first/layer.weight']).toEqual({ shape: [2, 3], values: new Float32Array(6) });
    expect(arrays['adam.second/norm.weight'].values).toEqual(new Float32Array(2));
    expect(arrays['average/layer.weight']).toEqual(arrays['param/layer.weight']);
    expect(arrays['param/layer.weight'].values.every((value) => value !== 0)).toBe(true);
    expect(arrays['buffer/frequencies'].values.every((value) => value !== 0)).toBe(true);
  });
});

describe('toState and fromState', () => {
  it('are inverse to each other, bit for bit', async () => {
    const state = toState(arrays, layout);
    expect(state.map(({ shape }) => shape)).toEqual(layout.map(({ shape }) => shape));
    expect(await fromState(state, layout)).toEqual(arrays);
  });

  it('report the first entry that is missing', () => {
    const missing = Object.fromEntries(
      Object.entries(arrays).filter(([name]) => !name.startsWith('adam.second')),
    );
    const before = tf.memory().numTensors;
    expect(() => toState(missing, layout)).toThrow(
      'The checkpoint has no "adam.second/layer.weight" (expected shape [2, 3]): it belongs to another network.',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('report the first entry of a different shape, with both shapes', () => {
    const turned = { shape: [3, 2], values: new Float32Array(6) };
    expect(() => toState({ ...arrays, 'average/layer.weight': turned }, layout)).toThrow(
      'The checkpoint\'s "average/layer.weight" has shape [3, 2], expected [2, 3]',
    );
  });
});

describe('selectState', () => {
  const state = toState(arrays, layout);

  it('selects the tensors of a kind by parameter name, without copying', () => {
    const first = selectState(state, layout, ['adam.first']);
    expect(Object.keys(first)).toEqual(['layer.weight', 'layer.bias', 'norm.weight', 'norm.bias']);
    expect(first['layer.bias']).toBe(state[6]);
  });

  it('selects the EMA of the weights for sampling if the run keeps one, otherwise the parameters', () => {
    const averaged = samplingParameters(state, layout);
    expect(averaged['layer.weight']).toBe(state[13]);
    expect(averaged['frequencies']).toBe(state[4]);
    const plain = stateLayout(specs, { kind: 'adamw', ema: 0, emaMore: [] });
    expect(samplingParameters(state, plain)['layer.weight']).toBe(state[0]);
  });
});
