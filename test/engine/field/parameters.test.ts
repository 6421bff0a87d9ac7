import { describe, expect, it } from 'vitest';
import {
  initialValues,
  layerNormSpecs,
  linearSpecs,
  type ParameterSpec,
} from '../../../main/engine/field/parameters.ts';

const latents: ParameterSpec = {
  name: 'latents',
  shape: [100, 40],
  initial: { law: 'normal', scale: 0.02 },
  isTrainable: true,
};

describe('initialValues', () => {
  it('fills a linear layer uniformly up to 1/√inputs, weight and bias', () => {
    const values = initialValues(linearSpecs('layer', { inputs: 64, outputs: 100 }), 42);
    const weights = values['layer.weight'].values;
    expect(values['layer.weight'].shape).toEqual([100, 64]);
    expect(values['layer.bias'].shape).toEqual([100]);
    const largest = weights.reduce((bound, value) => Math.max(bound, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(1 / 8);
    expect(largest).toBeGreaterThan(0.99 / 8);
    // The variance of U(−1/8, 1/8) is 1/192.
    const variance = weights.reduce((sum, value) => sum + value ** 2, 0) / weights.length;
    expect(variance * 192).toBeCloseTo(1, 1);
  });

  it('fills zero layers with zeros, norms with gain 1 and bias 0', () => {
    const specs = [
      ...linearSpecs('zero', { inputs: 3, outputs: 2, initial: 'zero' }),
      ...layerNormSpecs('n', 2),
    ];
    const values = initialValues(specs, 42);
    const all = Object.fromEntries(Object.entries(values).map(([name, array]) => [name, [...array.values]]));
    expect(all).toEqual({
      'zero.weight': [0, 0, 0, 0, 0, 0],
      'zero.bias': [0, 0],
      'n.weight': [1, 1],
      'n.bias': [0, 0],
    });
  });

  it('draws normal numbers of the standard deviation asked for', () => {
    const { values } = initialValues([latents], 42)['latents'];
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.sqrt(variance) / 0.02).toBeCloseTo(1, 1);
  });

  it('depends on the seed and on the place in the list only, so that a longer list begins alike', () => {
    const specs = linearSpecs('layer', { inputs: 3, outputs: 2 });
    const short = initialValues(specs, 42);
    const long = initialValues([...specs, latents], 42);
    expect(long['layer.weight']).toEqual(short['layer.weight']);
    expect(long['layer.bias']).toEqual(short['layer.bias']);
    expect(short['layer.bias'].values).not.toEqual(short['layer.weight'].values.subarray(0, 2));
    expect(initialValues(specs, 43)['layer.weight']).not.toEqual(short['layer.weight']);
  });
});
