import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { queriesOf } from '../../../shared/config/networks/registry.ts';
import { tf } from '../../support/backend.ts';
import { checkGradients } from './checkGradients.ts';
import { gridContext } from './gridContext.ts';
import { initialTensors, smallField } from './smallField.ts';
import { expectClose, numbersOf, wave } from './waves.ts';
import { type Context, contextParts } from '../../../main/engine/context/context.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

type Sizes = { mixing?: number; readBlocks?: number };

function fieldOf({ mixing = 3, readBlocks = 2 }: Sizes = {}) {
  const config = smallField({ kind: 'local', readBlocks, mixing, residual: 'thin-plate' });
  const field = createField(config);
  const gentle = Object.fromEntries(
    field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.3)]),
  );
  const predict = (of: { context: Context; point: PathPoint }, parameters: NamedTensors = gentle): Tensor =>
    field.predict(parameters, field.encode(parameters, of.context, noDropout), of.point, noDropout);
  return { config, field, gentle, predict };
}

/** Two images of waves, with three neighbours per query. */
function pictures(height: number, width: number): { context: Context; point: PathPoint } {
  const { context, point } = gridContext(height, width);
  return { point, context: { ...context, neighbours: wave('neighbours', [2, height * width, 3, 5]) } };
}

/** [2 images, pixels, 1]: 1 at one pixel of the first image. */
function only(pixel: number, pixels: number): Tensor {
  const row = tf.oneHot(tf.tensor1d([pixel], 'int32'), 2 * pixels);
  return tf.reshape(tf.cast(row, 'float32'), [2, pixels, 1]);
}

/** Returns the pixels of both images, numbered consecutively, whose prediction differs in any bit. */
function changedPixels(one: Tensor, other: Tensor): number[] {
  const changes = numbersOf(tf.max(tf.abs(tf.sub(one, other)), 2));
  return changes.flatMap((change, pixel) => (change > 0 ? [pixel] : []));
}

/** Returns the pixels of the first image in the square around one of them. */
function square(
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
  const { config, field, predict } = fieldOf({ mixing: 0 });

  it('has the parameters it had before there was any', () => {
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

  it('predicts what it predicted before there was any', () => {
    const found = tf.slice(predict(pictures(3, 2)), [0, 0, 0], [-1, 2, -1]);
    expectClose(
      found,
      [
        0.5428208, 1.4095118, -1.2237183, 0.4839853, 1.3036712, -0.9702861, 0.7781418, 0.7372771, -0.8444755,
        0.2014658, -0.0527272, -0.3927836,
      ],
    );
  });

  it('predicts any pixels, independently of one another', () => {
    expect(queriesOf(config)).toBe('points');
    expect(contextParts(config).grid).toBe(false);
    const { context, point } = pictures(4, 4);
    const moved = { ...point, state: tf.add(point.state, only(5, 16)) };
    expect(changedPixels(predict({ context, point: moved }), predict({ context, point }))).toEqual([5]);
  });
});

describe('a local field whose queries mix', () => {
  it.each([
    { mixing: 3, readBlocks: 1, reach: 1 },
    { mixing: 3, readBlocks: 2, reach: 2 },
    { mixing: 5, readBlocks: 2, reach: 4 },
  ])(
    'over a side of $mixing in $readBlocks blocks sees the state $reach pixels away, none further',
    ({ reach, ...sizes }) => {
      const { predict } = fieldOf(sizes);
      const size = { height: 10, width: 11 };
      const { context, point } = pictures(size.height, size.width);
      const found = predict({ context, point });
      for (const pixel of [0, 4 * 11 + 5]) {
        const moved = { ...point, state: tf.add(point.state, only(pixel, 110)) };
        expect(changedPixels(predict({ context, point: moved }), found)).toEqual(square(pixel, reach, size));
      }
    },
  );

  it('sees which pixels around are observed', () => {
    const { predict } = fieldOf();
    const size = { height: 7, width: 6 };
    const { context, point } = pictures(size.height, size.width);
    const grid = context.observedGrid as Tensor;
    const more = tf.concat([only(22, 42), tf.zeros([2, 42, 3])], 2);
    const observedGrid = tf.add(grid, tf.reshape(more, grid.shape));
    const changed = predict({ context: { ...context, observedGrid }, point });
    expect(changedPixels(changed, predict({ context, point }))).toEqual(square(22, 2, size));
  });

  it('predicts the whole grid', () => {
    const { config } = fieldOf();
    expect(queriesOf(config)).toBe('grid');
    expect(contextParts(config)).toEqual({ list: false, patch: 0, grid: true, neighbours: 16 });
  });

  it('starts with the weights and as the network without', () => {
    const [mixed, plain] = [fieldOf(), fieldOf({ mixing: 0 })];
    const [with_, without] = [mixed, plain].map(({ field }) => initialTensors(field.parameters));
    for (const [name, tensor] of Object.entries(without)) expectClose(with_[name], tensor, 0);
    const more = Object.fromEntries(Object.entries(with_).filter(([name]) => !(name in without)));
    expect(Object.keys(more)).toHaveLength(2 + 2 * 5);
    const of = pictures(4, 5);
    expect(numbersOf(mixed.predict(of, { ...plain.gentle, ...more }))).toEqual(numbersOf(plain.predict(of)));
  });

  it('is equivariant to shifts: predictions far from the border move with the image', () => {
    const { predict } = fieldOf({ readBlocks: 1 });
    const { context, point } = pictures(6, 8);
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

  it('has the gradient of finite differences', () => {
    const { field, gentle, predict } = fieldOf();
    const of = pictures(4, 3);
    checkGradients(gentle, field.parameters, (parameters) => tf.mean(tf.square(predict(of, parameters))));
  });

  it('without a grid says what is missing', () => {
    const { context, point } = pictures(3, 3);
    const { predict } = fieldOf();
    expect(() => predict({ context: { ...context, observedGrid: undefined }, point })).toThrow(
      'reads the grid of observed pixels',
    );
  });

  it.each([
    { mixing: 1, readBlocks: 1 },
    { mixing: 4, readBlocks: 1 },
    { mixing: 3, readBlocks: 0 },
  ])('mixes over an odd side of at least 3, in read-out blocks: not $mixing in $readBlocks', (sizes) => {
    expect(() => smallField({ kind: 'local', ...sizes })).toThrow('mixing must be 0, or odd and at least 3');
  });
});
