import { describe, expect, it } from 'vitest';
import { createField } from '../../../main/engine/field/registry.ts';
import {
  adamScalars,
  type AdamSlot,
  adamUpdate,
  decayWeights,
  isDecayed,
  keptFraction,
  averageDecayAt,
  updateAverage,
} from '../../../main/engine/optim/adamw.ts';
import { clipByNorm, createPacking, globalNorm } from '../../../main/engine/optim/gradients.ts';
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

const createSlot = (): AdamSlot => ({
  value: tf.tensor1d([1, -2]),
  first: tf.zeros([2]),
  second: tf.zeros([2]),
});

describe('Adam', () => {
  it('matches a calculation by hand in its first two steps, with ε added to the corrected root', () => {
    // Gradients 0.5 then −0.25 for the first number: m̂ = 0.5, v̂ = 0.25; then m̂ = 0.02 / 0.19, v̂ = 0.00031225 / 0.001999.
    const one = update(createSlot(), [0.5, 0], 1);
    expectClose(one.value, [1 - (0.1 * 0.5) / (0.5 + 0.1), -2], 1e-6);
    expectClose(one.first, [0.05, 0], 1e-7);
    expectClose(one.second, [0.00025, 0], 1e-9);
    const two = update(one, [-0.25, 0], 2);
    const root = Math.sqrt(0.00031225 / 0.001999);
    expectClose(two.value, [1 - 0.05 / 0.6 - (0.1 * (0.02 / 0.19)) / (root + 0.1), -2], 1e-6);
    expectClose(two.second, [0.00031225, 0], 1e-9);
  });

  it('begins with a step of the learning rate against the sign of the gradient, whatever its size', () => {
    const exact = { ...options, epsilon: 1e-8 };
    const { stepSize, secondCorrection } = adamScalars(1, 0.1, exact);
    const scalars = { stepSize: tf.scalar(stepSize), secondCorrection: tf.scalar(secondCorrection) };
    const { value } = adamUpdate(createSlot(), tf.tensor1d([1000, -0.001]), { ...exact, ...scalars });
    expectClose(value, [0.9, -1.9]);
  });
});

describe('weight decay', () => {
  it('shrinks matrices by learning rate × decay before Adam moves them, and nothing else', () => {
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

  it('subtracts learning rate × decay × weight from decayed weights in the first step of Adam', () => {
    const takeFirstStep = (weightDecay: number) => {
      const input = { ...trainings.unet, optim: { learningRate: 0.01, weightDecay } };
      const { config, source } = createSmallRun(input);
      const field = createField(config.field);
      const layout = stateLayout(field.parameters, { kind: 'adamw', ema: 0, emaMore: [] });
      const state = toState(initialState(field.parameters, layout, config.seed), layout);
      const batch = toTensors(trainingBatch(config, source, 0).batch);
      const next = createStep({ field, layout, config })(state, batch).state;
      return { layout, state, next };
    };
    const [plain, decayed] = [takeFirstStep(0), takeFirstStep(0.5)];
    plain.layout.forEach(({ kind, parameter, shape }, index) => {
      const difference = numbersOf(tf.sub(plain.next[index], decayed.next[index]));
      const shrinks = kind === 'param' && isDecayed({ name: parameter, shape });
      const expected = numbersOf(plain.state[index]).map((value) => (shrinks ? 0.005 * value : 0));
      difference.forEach((value, at) => expect(value).toBeCloseTo(expected[at], 6));
    });
  });
});

const gradients = [
  tf.tensor1d([3, 0]),
  tf.tensor2d([
    [0, 4],
    [0, 0],
  ]),
];

describe('globalNorm', () => {
  it('is the root of the sum of squares over all gradients', () => {
    expectClose(globalNorm(gradients), [5]);
  });
});

describe('clipByNorm', () => {
  it('leaves gradients below the limit unchanged, bit for bit', () => {
    const clipped = clipByNorm(gradients, globalNorm(gradients), 5.1);
    expect(clipped.map(numbersOf)).toEqual(gradients.map(numbersOf));
  });

  it('scales larger gradients to the limit by a common factor', () => {
    const clipped = clipByNorm(gradients, globalNorm(gradients), 0.5);
    expectClose(globalNorm(clipped), [0.5]);
    expectClose(clipped[0], [0.3, 0]);
    expectClose(clipped[1], [0, 0.4, 0, 0]);
  });

  it('keeps zero gradients at zero', () => {
    const zeros = [tf.zeros([2])];
    expectClose(clipByNorm(zeros, globalNorm(zeros), 1)[0], [0, 0]);
  });
});

const shapes = [[3], [50, 60], [2, 2], [], [3000]];
const tensors = shapes.map((shape, index) => tf.fill(shape, index + 1));

describe('createPacking', () => {
  it('joins small tensors in order and leaves large ones unchanged', () => {
    const packed = createPacking(shapes).pack(tensors);
    expect(packed.map(({ shape }) => shape)).toEqual([[8], [50, 60], [3000]]);
    expect([...packed[0].dataSync()]).toEqual([1, 1, 1, 3, 3, 3, 3, 4]);
  });

  it('unpacks the same tensors in the same order', () => {
    const packing = createPacking(shapes);
    const unpacked = packing.unpack(packing.pack(tensors));
    expect(unpacked.map(({ shape }) => shape)).toEqual(shapes);
    expect(unpacked.map((tensor) => tensor.dataSync()[0])).toEqual([1, 2, 3, 4, 5]);
  });

  it('creates no vector if no tensor is small, and only one if all are small', () => {
    const large = createPacking([[3000]]);
    expect(large.unpack(large.pack([tensors[4]]))).toHaveLength(1);
    expect(large.pack([tensors[4]])).toHaveLength(1);
    const small = createPacking([[3], [2, 2]]);
    expect(small.pack([tensors[0], tensors[2]])).toHaveLength(1);
    expect(small.unpack(small.pack([tensors[0], tensors[2]]))).toHaveLength(2);
  });
});

describe('averageDecayAt', () => {
  it('rises from 1/10 as (1 + step) / (10 + step) up to the configured decay', () => {
    expect(averageDecayAt(0, 0.99)).toBe(0.1);
    expect(averageDecayAt(8, 0.99)).toBe(0.5);
    expect(averageDecayAt(889, 0.99)).toBeCloseTo(0.99, 2);
    expect(averageDecayAt(891, 0.99)).toBe(0.99);
    expect(averageDecayAt(1e6, 0.99)).toBe(0.99);
  });
});

describe('updateAverage', () => {
  it('weights the average by the decay and the value by the rest', () => {
    const average = updateAverage(tf.tensor1d([1, 0]), tf.tensor1d([3, 4]), tf.scalar(0.75));
    expectClose(average, [1.5, 1]);
  });

  it('forgets its initial value as decayⁿ', () => {
    const value = tf.tensor1d([2]);
    let average: ReturnType<typeof updateAverage> = tf.tensor1d([10]);
    for (let step = 0; step < 20; step++) average = updateAverage(average, value, tf.scalar(0.9));
    expectClose(average, [2 + 8 * 0.9 ** 20]);
  });
});
