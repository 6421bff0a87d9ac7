import { describe, expect, it } from 'vitest';
import { attention, recordAttention } from '../../../main/engine/field/blocks.ts';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import { createScaledField } from '../../../main/engine/field/scaledField.ts';
import {
  contextArrays,
  contextParts,
  everyPixel,
  needsEstimate,
} from '../../../main/engine/context/context.ts';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { createMaskSource } from '../../../main/datasets/masks.ts';
import { observedAttention, rollOut } from '../../../main/engine/study/attention.ts';
import { toTensors } from '../../../main/engine/tensors.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { observe, pasteObserved } from '../../../shared/images/image.ts';
import { tf } from '../../support/backend.ts';
import { initialTensors } from '../field/smallField.ts';
import { expectClose, wave } from '../field/waves.ts';
import { trainings } from '../train/smallRun.ts';

const softmax = (...scores: number[]) => {
  const powers = scores.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

describe('recorded attention', () => {
  it('is the softmax of the scores of each head', () => {
    const identity = [1, 0, 0, 1];
    const parameters = Object.fromEntries(
      ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((name) => [
        [`layer.${name}.weight`, tf.tensor2d(identity, [2, 2])],
        [`layer.${name}.bias`, tf.zeros([2])],
      ]),
    );
    const queries = tf.tensor([0.5, -1], [1, 1, 2]);
    const context = tf.tensor([2, 1, -1, 3, 0, 0], [1, 3, 2]);
    const record = recordAttention(() =>
      attention(parameters, 'layer', { queries, context, heads: 2, dropout: noDropout }),
    );
    // A head of one number: its score is the product of query and key.
    const expected = [...softmax(1, -0.5, 0), ...softmax(-1, -3, 0)];
    expectClose(record.get('layer') ?? [], expected);
    expect([...recordAttention(() => undefined)]).toEqual([]);
  });
});

describe('attention over several layers', () => {
  const weights = (...rows: number[][]) => tf.tensor(rows.flat(), [1, 1, rows.length, rows[0].length]);

  it('halves what every layer mixes in: tokens that have read one another, then a query', () => {
    const record = new Map([
      ['net.blocks.0.self_attn', weights([0.2, 0.8], [0.6, 0.4])],
      ['net.read.0.cross_attn', weights([0.3, 0.7])],
    ]);
    // (A + I) / 2, read by 0.3 and 0.7.
    expectClose(rollOut(record, 2), [0.3 * 0.6 + 0.7 * 0.3, 0.3 * 0.4 + 0.7 * 0.7]);
  });

  it('follows queries through latents, and counts observed tokens alone', () => {
    const record = new Map([
      // The third token is the state of a query.
      ['net.blocks.0.cross_attn', weights([0.1, 0.3, 0.6], [0.2, 0.2, 0.6])],
      ['net.blocks.0.self_attn', weights([1, 0], [0.5, 0.5])],
      ['net.decoder', weights([0.25, 0.75])],
    ]);
    const [first, second] = [
      [0.1, 0.3],
      [0.75 * 0.2 + 0.25 * 0.1, 0.75 * 0.2 + 0.25 * 0.3],
    ];
    const read = [0, 1].map((at) => 0.25 * first[at] + 0.75 * second[at]);
    const sum = read[0] + read[1];
    expectClose(rollOut(record, 2), [read[0] / sum, read[1] / sum]);
  });

  it('passes on what queries read from one another', () => {
    const record = new Map([
      ['net.read.0.cross_attn', weights([0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5])],
      ['net.read.1.cross_attn', weights([0, 0, 0, 1], [0, 0, 1, 0])],
    ]);
    expectClose(rollOut(record, 2), [0.5, 0.5, 0.5, 0.5]);
  });
});

const size = 11;
const pixels = size * size;

async function attentionOf(name: keyof typeof trainings, isUniform = false) {
  const config = runConfigSchema.parse(trainings[name]);
  const field = createScaledField(config);
  const parameters = Object.fromEntries(
    Object.entries(initialTensors(field.parameters)).map(([key, tensor]) => [
      key,
      /_attn\.k_proj|decoder\.k_proj/.test(key) && isUniform
        ? tf.zerosLike(tensor)
        : tf.add(tensor, tf.mul(wave(key, tensor.shape), 0.3)),
    ]),
  );
  const masks = createMaskSource({
    ...config.mask,
    law: 'counter',
    seed: 4,
    width: size,
    height: size,
    targetRatio: 1,
  });
  const { observed } = masks.maskOf(0);
  const values = wave('image', [pixels * 3], 0.4).dataSync() as Float32Array;
  const observation = observe(
    { height: size, width: size, values: values.map((value) => 0.5 + value) },
    observed,
  );
  const known = { count: 1, height: size, width: size, values: new Float32Array(pixels * 3) };
  pasteObserved(known.values, observation);
  const estimate = needsEstimate(config) ? reconstructClassically('thin plate', observation) : null;
  const parts = contextParts(config.field);
  const example = { observed, queries: everyPixel(pixels), estimate };
  const context = toTensors(contextArrays(known, [example], parts));
  const problem = {
    field,
    parameters,
    context,
    state: wave('state', [1, pixels, 3]),
    time: tf.tensor1d([0.35]),
  };
  return {
    observation,
    neighbours: parts.neighbours,
    found: await observedAttention(problem, observation, parts.neighbours),
  };
}

describe('the attention of a network to the observed pixels', () => {
  it.each(['notebook', 'upgraded', 'local', 'mixing', 'transformer', 'full attention', 'shortcuts'] as const)(
    'has rows that sum to 1 and differ: %s',
    async (name) => {
      const { observation, neighbours, found } = await attentionOf(name);
      const count = observation.indices.length;
      expect(found).toHaveLength(pixels * count);
      const rows = Array.from({ length: pixels }, (_, query) =>
        Array.from(found?.subarray(query * count, (query + 1) * count) ?? []),
      );
      for (const row of rows) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
      const [first] = rows;
      expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(1e-4);
      if (neighbours > 0)
        for (const row of rows) expect(row.filter((weight) => weight > 0)).toHaveLength(neighbours);
    },
  );

  it('is the same for every observed pixel if no key differs from another', async () => {
    const { observation, found } = await attentionOf('transformer', true);
    const count = observation.indices.length;
    found?.forEach((weight) => expect(weight).toBeCloseTo(1 / count, 5));
    const local = await attentionOf('local', true);
    const nearest = Array.from(local.found ?? []).filter((weight) => weight > 0);
    for (const weight of nearest) expect(weight).toBeCloseTo(1 / local.neighbours, 5);
  });

  it('is absent where a network has none', async () => {
    expect((await attentionOf('unet')).found).toBeNull();
  });
});
