import { describe, expect, it } from 'vitest';
import { createField } from '../../../main/engine/field/registry.ts';
import {
  adamScalars,
  type AdamSlot,
  adamUpdate,
  decayWeights,
  isDecayed,
  keptFraction,
} from '../../../main/engine/optim/adamw.ts';
import { toTensors } from '../../../main/engine/tensors.ts';
import { initialState, stateLayout, toState } from '../../../main/engine/train/state.ts';
import { createStep } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';
import { createSmallRun, trainings } from '../train/smallRun.ts';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 0.1 };

function update(slot: AdamSlot, gradient: number[], count: number): AdamSlot {
  const { stepSize, secondCorrection } = adamScalars(count, 0.1, options);
  const scalars = { stepSize: tf.scalar(stepSize), secondCorrection: tf.scalar(secondCorrection) };
  return adamUpdate(slot, tf.tensor1d(gradient), { ...options, ...scalars });
}

const beginning = (): AdamSlot => ({
  value: tf.tensor1d([1, -2]),
  first: tf.zeros([2]),
  second: tf.zeros([2]),
});

describe('Adam', () => {
  it('moves as computed by hand in its first two steps, with ε added to the corrected root', () => {
    // Gradients 0.5 then −0.25 for the first number: m̂ = 0.5, v̂ = 0.25; then m̂ = 0.02 / 0.19, v̂ = 0.00031225 / 0.001999.
    const one = update(beginning(), [0.5, 0], 1);
    expectClose(one.value, [1 - (0.1 * 0.5) / (0.5 + 0.1), -2], 1e-6);
    expectClose(one.first, [0.05, 0], 1e-7);
    expectClose(one.second, [0.00025, 0], 1e-9);
    const two = update(one, [-0.25, 0], 2);
    const root = Math.sqrt(0.00031225 / 0.001999);
    expectClose(two.value, [1 - 0.05 / 0.6 - (0.1 * (0.02 / 0.19)) / (root + 0.1), -2], 1e-6);
    expectClose(two.second, [0.00031225, 0], 1e-9);
  });

  it('begins with a step of the learning rate against the sign of the gradient, however large that is', () => {
    const exact = { ...options, epsilon: 1e-8 };
    const { stepSize, secondCorrection } = adamScalars(1, 0.1, exact);
    const scalars = { stepSize: tf.scalar(stepSize), secondCorrection: tf.scalar(secondCorrection) };
    const { value } = adamUpdate(beginning(), tf.tensor1d([1000, -0.001]), { ...exact, ...scalars });
    expectClose(value, [0.9, -1.9]);
  });
});

describe('weight decay', () => {
  it('makes matrices smaller by learning rate times decay before Adam moves them, and nothing else', () => {
    const parameters = [
      { name: 'layer.weight', value: tf.tensor2d([[2, -4]]) },
      { name: 'layer.bias', value: tf.tensor1d([2]) },
      { name: 'norm.weight', value: tf.tensor1d([2]) },
      { name: 'latents', value: tf.tensor2d([[2, 2]]) },
    ];
    const decayed = decayWeights(parameters, tf.scalar(keptFraction(0.1, 0.5)));
    expectClose(decayed[0], [1.9, -3.8]);
    expect(decayed.slice(1)).toEqual(parameters.slice(1).map(({ value }) => value));
    expect(decayWeights(parameters, undefined)).toEqual(parameters.map(({ value }) => value));
  });

  it.each(['perceiver', 'unet', 'local', 'transformer'] as const)(
    'spares biases, norms and embeddings of the network %s',
    (kind) => {
      const { field } = runConfigSchema.parse({ field: { kind, dim: 16, heads: 4, latents: 4 } });
      const spared = createField(field).parameters.filter((spec) => spec.isTrainable && !isDecayed(spec));
      const others = spared.map(({ name }) => name).filter((name) => !/\.(bias|weight)$/.test(name));
      expect(others).toEqual(kind === 'perceiver' ? ['perceiver.latents'] : []);
      const gains = spared.filter(({ name }) => name.endsWith('.weight'));
      expect(gains.every(({ shape }) => shape.length === 1)).toBe(true);
    },
  );

  it('takes learning rate × decay × weight from what the first step of Adam gives, of the weights that decay', () => {
    const first = (weightDecay: number) => {
      const input = { ...trainings.unet, optim: { learningRate: 0.01, weightDecay } };
      const { config, source } = createSmallRun(input);
      const field = createField(config.field);
      const layout = stateLayout(field.parameters, { ema: 0, emaMore: [] });
      const state = toState(initialState(field.parameters, layout, config.seed), layout);
      const batch = toTensors(trainingBatch(config, source, 0).batch);
      const next = createStep({ field, layout, config })(state, batch).state;
      return { layout, state, next };
    };
    const [plain, decayed] = [first(0), first(0.5)];
    plain.layout.forEach(({ kind, parameter, shape }, index) => {
      const difference = numbersOf(tf.sub(plain.next[index], decayed.next[index]));
      const shrinks = kind === 'param' && isDecayed({ name: parameter, shape });
      const expected = numbersOf(plain.state[index]).map((value) => (shrinks ? 0.005 * value : 0));
      difference.forEach((value, at) => expect(value).toBeCloseTo(expected[at], 6));
    });
  });
});
