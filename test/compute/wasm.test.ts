import * as imported from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { loadBackend } from '../../main/compute/backend.ts';
import { createField } from '../../main/engine/field/registry.ts';
import { initialState, stateLayout, toState } from '../../main/engine/train/state.ts';
import { createStep, eagerStepper } from '../../main/engine/train/step.ts';
import { trainingBatch } from '../../main/engine/train/trainingBatch.ts';
import { randomNormals } from '../../shared/numbers/random.ts';
import { createSmallRun, trainings } from '../engine/train/smallRun.ts';
import { testStatelessRandom } from './statelessRandomTruths.ts';
import { toTensors } from '../../main/engine/tensors.ts';

const { info, tf, reason } = await loadBackend({ prefer: 'wasm' });

describe('the WASM backend', () => {
  it('loads on any machine and reports why it is used', () => {
    expect(info.kind).toBe('wasm');
    expect(reason).not.toBeNull();
    expect(imported.engine()).toBe(tf.engine());
    expect(imported.getBackend()).toBe('wasm');
  });
});

testStatelessRandom(tf);

describe('the gradients of convolutions on WASM', () => {
  const draw = (shape: [number, number, number, number], seed: number) => {
    const count = shape.reduce((product, length) => product * length);
    return tf.tensor4d(randomNormals({ seed, stream: 'solver', step: 0 }, count), shape);
  };
  const inner = (one: imported.Tensor, other: imported.Tensor) => tf.sum(tf.mul(one, other)).dataSync()[0];

  // A convolution is linear in either of its arguments, so that its gradient is its transpose: ⟨∂f/∂a, b⟩ = ⟨f(b), g⟩.
  it.each([
    { name: 'conv2d', side: 3, kernel: [3, 3, 4, 5] },
    { name: 'conv2d', side: 1, kernel: [1, 1, 4, 5] },
    { name: 'depthwiseConv2d', side: 3, kernel: [3, 3, 4, 1] },
    { name: 'depthwiseConv2d', side: 5, kernel: [5, 5, 4, 1] },
  ] as const)('are the transposes of the convolution ($name, side $side)', ({ name, kernel }) => {
    const size: [number, number, number, number] = [2, 6, 7, 4];
    const [image, otherImage] = [draw(size, 1), draw(size, 2)];
    const [filter, otherFilter] = [draw([...kernel], 3), draw([...kernel], 4)];
    const f = (x: imported.Tensor, k: imported.Tensor) =>
      tf[name](x as imported.Tensor4D, k as imported.Tensor4D, 1, 'same');
    const g = draw([2, 6, 7, kernel[3] === 5 ? 5 : 4], 5);
    const [imageGradient, filterGradient] = tf.grads(f)([image, filter], g);
    const tolerance = 1e-4 * Math.sqrt(inner(g, g) * inner(filter, filter));
    expect(Math.abs(inner(imageGradient, otherImage) - inner(f(otherImage, filter), g))).toBeLessThan(
      tolerance,
    );
    expect(Math.abs(inner(filterGradient, otherFilter) - inner(f(image, otherFilter), g))).toBeLessThan(
      tolerance,
    );
  });

  it('report which convolutions they do not support', () => {
    const filter = draw([3, 3, 1, 1], 1);
    const filterGradient = (k: imported.Tensor) =>
      tf.conv2d(draw([1, 5, 5, 1], 2), k as imported.Tensor4D, 1, 'valid');
    expect(() => tf.grad(filterGradient)(filter)).toThrow(/padding valid found; strides of 1/);
  });
});

describe('training on WASM', () => {
  it.each(Object.entries(trainings))('takes steps that change the weights (%s)', (_, input) => {
    const { config, source } = createSmallRun(input);
    const field = createField(config.field);
    const layout = stateLayout(field.parameters, config.optim);
    const state = toState(initialState(field.parameters, layout, config.seed), layout);
    const stepper = eagerStepper(createStep({ field, layout, config, parts: 1 }), state);
    for (const step of [0, 1]) {
      const { loss, gradNorm } = stepper.step(toTensors(trainingBatch(config, source, step).batch));
      expect(loss).toBeGreaterThan(0);
      expect(gradNorm).toBeGreaterThan(0);
    }
    stepper.dispose();
  });
});
