import type { Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createField } from '../../../main/engine/field/registry.ts';
import { isOrthogonalised, muonUpdate, orthogonalise } from '../../../main/engine/optim/muon.ts';
import { toTensors } from '../../../main/engine/tensors.ts';
import { entryName, initialState, stateLayout, toState } from '../../../main/engine/train/state.ts';
import { createStep } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';
import { createSmallRun, trainings } from '../train/smallRun.ts';

function randomMatrix(rows: number, columns: number, step = 0) {
  return tf.tensor2d(randomNormals({ seed: 4, stream: 'noise', step }, rows * columns), [rows, columns]);
}

/** Five times 3.4445 s − 4.775 s³ + 2.0315 s⁵. */
function iterate(singular: number): number {
  let value = singular;
  for (let iteration = 0; iteration < 5; iteration++)
    value = 3.4445 * value - 4.775 * value ** 3 + 2.0315 * value ** 5;
  return value;
}

describe('orthogonalise', () => {
  it('applies its polynomial to the singular values of a matrix, divided by their root sum of squares', () => {
    const values = [3, 0.5, 2, 1e-3, 0];
    const length = Math.hypot(...values);
    const [rotation] = tf.linalg.qr(randomMatrix(9, 5));
    const [other] = tf.linalg.qr(randomMatrix(5, 5, 1));
    const compose = (of: number[]) =>
      tf.matMul<Tensor2D>(tf.matMul(rotation, tf.diag(tf.tensor1d(of))), other);
    const expected = compose(values.map((value) => iterate(value / length)));
    expectClose(orthogonalise(compose(values)), numbersOf(expected), 1e-4);
  });

  it.each([
    [40, 12],
    [12, 40],
  ])('brings all singular values of a %i × %i matrix near 1', (rows, columns) => {
    const found = orthogonalise(randomMatrix(rows, columns));
    const product = rows > columns ? tf.matMul(found, found, true) : tf.matMul(found, found, false, true);
    // Squares of singular values between 0.68 and 1.23, whose sum is the trace.
    const trace = numbersOf(tf.sum(tf.mul(product, tf.eye(12))))[0];
    expect(trace).toBeGreaterThan(12 * 0.46);
    expect(trace).toBeLessThan(12 * 1.51);
    const difference = numbersOf(tf.sub(product, tf.eye(12)));
    difference.forEach((value) => expect(Math.abs(value)).toBeLessThan(0.55));
  });

  it('does not depend on the size of a matrix, and is that of the transpose transposed', () => {
    const matrix = randomMatrix(20, 16);
    const expected = numbersOf(orthogonalise(matrix));
    expectClose(orthogonalise(tf.mul(matrix, 1e-3)), expected, 1e-3);
    expectClose(tf.transpose(orthogonalise(tf.transpose(matrix))), expected, 1e-3);
    expectClose(orthogonalise(tf.zeros([3, 2])), [0, 0, 0, 0, 0, 0]);
  });
});

describe('muonUpdate', () => {
  it('moves a kernel by about 0.2 learning rates at every weight, against the gradient', () => {
    const shape = [3, 3, 16, 32];
    const gradient = tf.reshape(randomMatrix(144, 32), shape);
    const slot = { value: tf.zeros(shape), momentum: tf.zeros(shape) };
    const { value, momentum } = muonUpdate(slot, gradient, tf.scalar(0.01));
    expectClose(momentum, numbersOf(tf.mul(gradient, 0.05)), 1e-6);
    const moved = numbersOf(value);
    const size = Math.sqrt(moved.reduce((sum, each) => sum + each ** 2, 0) / moved.length);
    expect(size / 0.01).toBeGreaterThan(0.14);
    expect(size / 0.01).toBeLessThan(0.25);
    expect(numbersOf(tf.sum(tf.mul(value, gradient)))[0]).toBeLessThan(0);
  });

  it('looks ahead by Nesterov’s rule: its direction is 0.95 momentum + 0.05 gradient', () => {
    const [gradient, before] = [randomMatrix(18, 16), randomMatrix(18, 16, 1)];
    const slot = { value: tf.zeros([18, 16]), momentum: before };
    const { value, momentum } = muonUpdate(slot, gradient, tf.scalar(1));
    const mix = (one: Tensor2D, by: Tensor2D) => tf.add<Tensor2D>(tf.mul(one, 0.95), tf.mul(by, 0.05));
    const next = mix(before, gradient);
    expectClose(momentum, numbersOf(next), 1e-5);
    const expected = tf.mul(orthogonalise(mix(next, gradient)), -0.2 * Math.sqrt(18));
    expectClose(value, numbersOf(expected), 1e-4);
  });
});

describe('a step with Muon', () => {
  it('moves hidden layers by Muon, everything else by Adam, and keeps the momenta for the next step', () => {
    const take = (kind: 'adamw' | 'muon') => {
      const optim = { ...trainings.muon.optim, kind, clipNorm: 1e9, weightDecay: 0 };
      const { config, source } = createSmallRun({ ...trainings.muon, optim });
      const { field, layout, state } = startOf(config);
      const batch = toTensors(trainingBatch(config, source, 3).batch);
      return { layout, state, batch, next: createStep({ field, layout, config })(state, batch).state };
    };
    const [byAdam, byMuon] = [take('adamw'), take('muon')];
    const find = ({ layout, ...of }: typeof byAdam, at: 'state' | 'next', name: string) =>
      of[at][layout.findIndex((entry) => entryName(entry) === name)];
    const learningRate = byMuon.batch.update.learningRate as Tensor2D;
    expect(byMuon.layout.some(({ kind }) => kind === 'momentum')).toBe(true);
    for (const { kind, parameter, shape } of byMuon.layout) {
      if (kind !== 'param') continue;
      const value = find(byMuon, 'next', `param/${parameter}`);
      if (!isOrthogonalised({ name: parameter, shape })) {
        expectClose(value, numbersOf(find(byAdam, 'next', `param/${parameter}`)), 1e-6);
        continue;
      }
      // Adam's first moment after one step is a tenth of the gradient.
      const gradient = tf.mul(find(byAdam, 'next', `adam.first/${parameter}`), 10);
      const slot = { value: find(byMuon, 'state', `param/${parameter}`), momentum: tf.zeros([...shape]) };
      const expected = muonUpdate(slot, gradient, learningRate);
      const size = numbersOf(tf.norm(expected.momentum))[0];
      const momentum = tf.div(find(byMuon, 'next', `momentum/${parameter}`), size);
      expectClose(momentum, numbersOf(tf.div(expected.momentum, size)), 1e-4);
      expectClose(value, numbersOf(expected.value), 1e-5);
    }
  });
});

/** The network of a run and a state of it: one in which every layer has a gradient, as the first one has not, whose output is zero. */
function startOf(config: RunConfig) {
  const field = createField(config.field);
  const layout = stateLayout(field.parameters, config.optim);
  const first = toState(initialState(field.parameters, layout, config.seed), layout);
  const state = first.map((value, index) => {
    if (layout[index].kind !== 'param') return value;
    const moved = randomNormals({ seed: 6, stream: 'noise', step: index }, value.size);
    return tf.add(value, tf.mul(tf.tensor(moved, value.shape), 0.1));
  });
  return { field, layout, state };
}

it('A step with Muon leaves nothing to a backend whose own update is that of Adam', () => {
  const { config } = createSmallRun(trainings.muon);
  const { field, layout } = startOf(config);
  expect(createStep({ field, layout, config }).halves).toBeUndefined();
});

describe('isOrthogonalised', () => {
  it.each([
    ['unet.down.weight', [3, 3, 16, 32], true],
    ['read.weight', [64, 64], true],
    ['unet.in.weight', [3, 3, 10, 16], false],
    ['unet.out.weight', [3, 3, 16, 3], false],
    ['norm.weight', [64], false],
    ['perceiver.latents', [64, 64], false],
  ])('decides by name and the last two axes: %s %j', (name, shape, expected) => {
    expect(isOrthogonalised({ name, shape })).toBe(expected);
  });

  it('divides the parameters of a network between momentum and Adam’s two moments', () => {
    const field = runConfigSchema.parse({ field: { kind: 'unet', dim: 16, levels: 2 } }).field;
    const specs = createField(field).parameters;
    const layout = stateLayout(specs, { kind: 'muon', ema: 0, emaMore: [] });
    const namesOf = (kind: string) =>
      layout.filter((entry) => entry.kind === kind).map(({ parameter }) => parameter);
    expect(namesOf('momentum').length).toBeGreaterThan(5);
    expect([...namesOf('momentum'), ...namesOf('adam.first')].toSorted()).toEqual(
      namesOf('param').toSorted(),
    );
    expect(namesOf('adam.second')).toEqual(namesOf('adam.first'));
    const plain = stateLayout(specs, { kind: 'adamw', ema: 0, emaMore: [] });
    expect(plain.some(({ kind }) => kind === 'momentum')).toBe(false);
  });
});
