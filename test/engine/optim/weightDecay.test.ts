import { describe, expect, it } from 'vitest';
import { createField } from '../../../main/engine/field/registry.ts';
import { decayWeights, isDecayed, keptShare } from '../../../main/engine/optim/weightDecay.ts';
import { toTensors } from '../../../main/engine/field/parameters.ts';
import { initialState, stateLayout, toState } from '../../../main/engine/train/state.ts';
import { createStep } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';
import { createSmallRun, trainings } from '../train/smallRun.ts';

describe('weight decay', () => {
  it('makes matrices smaller by learning rate times decay before Adam moves them, and nothing else', () => {
    const parameters = [
      { name: 'layer.weight', value: tf.tensor2d([[2, -4]]) },
      { name: 'layer.bias', value: tf.tensor1d([2]) },
      { name: 'norm.weight', value: tf.tensor1d([2]) },
      { name: 'latents', value: tf.tensor2d([[2, 2]]) },
    ];
    const decayed = decayWeights(parameters, tf.scalar(keptShare(0.1, 0.5)));
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
      const batch = toTensors(trainingBatch(config, source, 0).arrays);
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
