import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Context, contextArrays, contextParts } from '../../../main/engine/context/context.ts';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { type NamedTensors, toTensors } from '../../../main/engine/tensors.ts';
import { queriesOf } from '../../../shared/config/networks/registry.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { checkGradients } from './checkGradients.ts';
import { createGridContext, initialTensors, smallField } from './smallField.ts';
import { expectClose, numbersOf, wave } from './waves.ts';

const config = smallField({ kind: 'local', readBlocks: 2, neighbours: 4, residual: 'thin-plate' });
const field = createField(config);
const smallWeights = Object.fromEntries(
  field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.3)]),
);

const side = 12;
const colours = randomUniforms({ seed: 3, stream: 'synthetic', step: 0 }, side * side * 3);

/** Returns the context of queries around (5, 5) in a 12 × 12 image, shifted by (dx, dy) together with the observed pixels and colours. */
function shiftContext(dx: number, dy: number, options: { reversed?: boolean } = {}): Context {
  const at = (x: number, y: number) => (y + dy) * side + x + dx;
  const observed = [at(3, 4), at(6, 4), at(5, 6), at(4, 7), at(7, 6), at(2, 2), at(8, 3)];
  if (options.reversed) observed.reverse();
  const values = new Float32Array(side * side * 3);
  for (let y = 0; y < 9; y++) {
    for (let x = 0; x < 9; x++) {
      values.set(colours.subarray(3 * (y * side + x), 3 * (y * side + x) + 3), 3 * at(x, y));
    }
  }
  const images = { count: 1, height: side, width: side, values };
  const queries = Int32Array.of(at(5, 5), at(4, 4), at(6, 6));
  const examples = [
    { observed: Int32Array.from(observed), queries, estimate: values.map((value) => value / 2) },
  ];
  return toTensors(contextArrays(images, examples, { list: false, patch: 0, grid: false, neighbours: 4 }));
}

const point: PathPoint = { state: wave('state', [1, 3, 3]), time: tf.tensor1d([0.25]) };

function predict(context: Context, parameters = smallWeights, at = point): Tensor {
  return field.predict(parameters, field.encode(parameters, context, noDropout), at, noDropout);
}

describe('a local network', () => {
  it('does not depend on positions: a shifted scene gets the same prediction', () => {
    expectClose(predict(shiftContext(2, 1)), predict(shiftContext(0, 0)));
  });

  it('does not depend on the order of the observed pixels', () => {
    const found = numbersOf(predict(shiftContext(0, 0, { reversed: true })));
    expect(found).toEqual(numbersOf(predict(shiftContext(0, 0))));
  });

  it('does not depend on the order of a query’s neighbours', () => {
    const context = shiftContext(0, 0);
    const reversed = { ...context, neighbours: tf.reverse(context.neighbours as Tensor, 2) };
    expectClose(predict(reversed), predict(context));
  });

  it('depends on offsets, colours, state and time', () => {
    const context = shiftContext(0, 0);
    const found = predict(context);
    const change = (other: Tensor) => tf.max(tf.abs(tf.sub(other, found))).dataSync()[0];
    const neighbours = context.neighbours as Tensor;
    expect(change(predict({ ...context, neighbours: tf.mul(neighbours, [2, 2, 1, 1, 1]) }))).toBeGreaterThan(
      1e-4,
    );
    expect(change(predict({ ...context, neighbours: tf.mul(neighbours, [1, 1, 2, 2, 2]) }))).toBeGreaterThan(
      1e-4,
    );
    expect(change(predict(context, smallWeights, { ...point, time: tf.tensor1d([0.5]) }))).toBeGreaterThan(
      1e-4,
    );
    expect(change(predict(context, smallWeights, { ...point, state: tf.neg(point.state) }))).toBeGreaterThan(
      1e-4,
    );
  });

  it('initially predicts exactly the classical estimate', () => {
    const context = shiftContext(0, 0);
    const found = predict(context, initialTensors(field.parameters));
    expect(numbersOf(found)).toEqual(numbersOf(context.estimate as Tensor));
  });

  it('has a gradient that agrees with finite differences', () => {
    const context = shiftContext(0, 0);
    checkGradients(smallWeights, field.parameters, (parameters) =>
      tf.mean(tf.square(predict(context, parameters))),
    );
  });

  it('reports that the neighbours are missing from the context', () => {
    expect(() =>
      field.encode(smallWeights, { ...shiftContext(0, 0), neighbours: undefined }, noDropout),
    ).toThrow('the neighbours of each query');
  });
});

type MixingSizes = { mixing?: number; readBlocks?: number };

function createMixingField({ mixing = 3, readBlocks = 2 }: MixingSizes = {}) {
  const config = smallField({ kind: 'local', readBlocks, mixing, residual: 'thin-plate' });
  const field = createField(config);
  const smallWeights = Object.fromEntries(
    field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.3)]),
  );
  const predict = (
    of: { context: Context; point: PathPoint },
    parameters: NamedTensors = smallWeights,
  ): Tensor =>
    field.predict(parameters, field.encode(parameters, of.context, noDropout), of.point, noDropout);
  return { config, field, smallWeights, predict };
}

/** Returns two images of waves, with three neighbours per query. */
function createImages(height: number, width: number): { context: Context; point: PathPoint } {
  const { context, point } = createGridContext(height, width);
  return { point, context: { ...context, neighbours: wave('neighbours', [2, height * width, 3, 5]) } };
}

/** Returns a tensor [2 images, pixels, 1] that is 1 at one pixel of the first image and 0 elsewhere. */
function markPixel(pixel: number, pixels: number): Tensor {
  const row = tf.oneHot(tf.tensor1d([pixel], 'int32'), 2 * pixels);
  return tf.reshape(tf.cast(row, 'float32'), [2, pixels, 1]);
}

/** Returns the pixels of both images, numbered consecutively, whose prediction differs in any bit. */
function findChangedPixels(one: Tensor, other: Tensor): number[] {
  const changes = numbersOf(tf.max(tf.abs(tf.sub(one, other)), 2));
  return changes.flatMap((change, pixel) => (change > 0 ? [pixel] : []));
}

/** Returns the pixels of the first image in the square around one of its pixels. */
function pixelsAround(
  pixel: number,
  reach: number,
  { height, width }: { height: number; width: number },
): number[] {
  const near = (a: number, b: number) => Math.abs(a - b) <= reach;
  return Array.from({ length: height * width }, (_, other) => other).filter(
    (other) =>
      near(other % width, pixel % width) && near(Math.floor(other / width), Math.floor(pixel / width)),
  );
}

describe('a local field without mixing', () => {
  const { config, field, predict } = createMixingField({ mixing: 0 });

  it('has the same parameters as before mixing was introduced', () => {
    const block = (name: string, kind: string, norm: string) => [
      ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((part) => `${name}.${kind}_attn.${part}`),
      `${name}.${kind}_norm${norm}`,
      `${name}.mlp_norm${norm}`,
      `${name}.mlp_in`,
      `${name}.mlp_out`,
    ];
    const layers = [
      'time_in',
      'time_out',
      'local.token_in',
      'local.token_out',
      ...block('local.blocks.0', 'self', ''),
      'local.query_in',
      ...block('local.read.0', 'cross', '.modulation'),
      ...block('local.read.1', 'cross', '.modulation'),
      'local.output_norm.modulation',
      'local.output',
    ];
    const expected = layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]);
    expect(field.parameters.map(({ name }) => name)).toEqual(expected);
  });

  it('makes the same predictions as before mixing was introduced', () => {
    const found = tf.slice(predict(createImages(3, 2)), [0, 0, 0], [-1, 2, -1]);
    expectClose(
      found,
      [
        0.5428208, 1.4095118, -1.2237183, 0.4839853, 1.3036712, -0.9702861, 0.7781418, 0.7372771, -0.8444755,
        0.2014658, -0.0527272, -0.3927836,
      ],
    );
  });

  it('predicts any set of pixels independently of one another', () => {
    expect(queriesOf(config)).toBe('points');
    expect(contextParts(config).grid).toBe(false);
    const { context, point } = createImages(4, 4);
    const moved = { ...point, state: tf.add(point.state, markPixel(5, 16)) };
    expect(findChangedPixels(predict({ context, point: moved }), predict({ context, point }))).toEqual([5]);
  });
});

describe('a local field whose queries mix', () => {
  it.each([
    { mixing: 3, readBlocks: 1, reach: 1 },
    { mixing: 3, readBlocks: 2, reach: 2 },
    { mixing: 5, readBlocks: 2, reach: 4 },
  ])(
    'over windows of side $mixing in $readBlocks blocks depends on the state up to $reach pixels away and no further',
    ({ reach, ...sizes }) => {
      const { predict } = createMixingField(sizes);
      const size = { height: 10, width: 11 };
      const { context, point } = createImages(size.height, size.width);
      const found = predict({ context, point });
      for (const pixel of [0, 4 * 11 + 5]) {
        const moved = { ...point, state: tf.add(point.state, markPixel(pixel, 110)) };
        expect(findChangedPixels(predict({ context, point: moved }), found)).toEqual(
          pixelsAround(pixel, reach, size),
        );
      }
    },
  );

  it('depends on which surrounding pixels are observed', () => {
    const { predict } = createMixingField();
    const size = { height: 7, width: 6 };
    const { context, point } = createImages(size.height, size.width);
    const grid = context.observedGrid as Tensor;
    const more = tf.concat([markPixel(22, 42), tf.zeros([2, 42, 3])], 2);
    const observedGrid = tf.add(grid, tf.reshape(more, grid.shape));
    const changed = predict({ context: { ...context, observedGrid }, point });
    expect(findChangedPixels(changed, predict({ context, point }))).toEqual(pixelsAround(22, 2, size));
  });

  it('predicts the whole grid', () => {
    const { config } = createMixingField();
    expect(queriesOf(config)).toBe('grid');
    expect(contextParts(config)).toEqual({
      list: false,
      patch: 0,
      grid: true,
      channelMask: false,
      neighbours: 16,
    });
  });

  it('initially has the weights and predictions of the network without mixing', () => {
    const mixed = createMixingField();
    const plain = createMixingField({ mixing: 0 });
    const mixedWeights = initialTensors(mixed.field.parameters);
    const plainWeights = initialTensors(plain.field.parameters);
    for (const [name, tensor] of Object.entries(plainWeights)) expectClose(mixedWeights[name], tensor, 0);
    const more = Object.fromEntries(Object.entries(mixedWeights).filter(([name]) => !(name in plainWeights)));
    expect(Object.keys(more)).toHaveLength(2 + 2 * 5);
    const images = createImages(4, 5);
    expect(numbersOf(mixed.predict(images, { ...plain.smallWeights, ...more }))).toEqual(
      numbersOf(plain.predict(images)),
    );
  });

  it('is equivariant to shifts: predictions far from the border move with the image', () => {
    const { predict } = createMixingField({ readBlocks: 1 });
    const { context, point } = createImages(6, 8);
    const grid = (tensor: Tensor) => tf.reshape(tensor, [2, 6, 8, tensor.size / 96]);
    const shift = (tensor: Tensor) =>
      tf.reshape(tf.concat([...tf.split(grid(tensor), [1, 7], 2)].reverse(), 2), tensor.shape);
    const moved = {
      ...context,
      estimate: shift(context.estimate as Tensor),
      neighbours: shift(context.neighbours as Tensor),
      observedGrid: shift(context.observedGrid as Tensor),
    };
    const found = grid(predict({ context, point }));
    const aside = grid(predict({ context: moved, point: { ...point, state: shift(point.state) } }));
    const inner = (tensor: Tensor, from: number) => tf.slice(tensor, [0, 0, from, 0], [-1, -1, 5, -1]);
    expectClose(inner(aside, 1), inner(found, 2));
  });

  it('has a gradient that agrees with finite differences', () => {
    const { field, smallWeights, predict } = createMixingField();
    const of = createImages(4, 3);
    checkGradients(smallWeights, field.parameters, (parameters) =>
      tf.mean(tf.square(predict(of, parameters))),
    );
  });

  it('reports that the grid of observed pixels is missing from the context', () => {
    const { context, point } = createImages(3, 3);
    const { predict } = createMixingField();
    expect(() => predict({ context: { ...context, observedGrid: undefined }, point })).toThrow(
      'reads the grid of observed pixels',
    );
  });

  it.each([
    { mixing: 1, readBlocks: 1 },
    { mixing: 4, readBlocks: 1 },
    { mixing: 3, readBlocks: 0 },
  ])('refuses to mix over a side of $mixing in $readBlocks read-out blocks', (sizes) => {
    expect(() => smallField({ kind: 'local', ...sizes })).toThrow('mixing must be 0, or odd and at least 3');
  });
});
