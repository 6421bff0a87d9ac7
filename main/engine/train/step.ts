/** The training step: path → field → loss → gradients → clip → Adam → average. A pure function of tensors. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config.ts';
import { createDropout } from '../field/dropout.ts';
import type { Context, Field } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { matchingLoss } from '../objective/matchingLoss.ts';
import { adamUpdate } from '../optim/adam.ts';
import { updateAverage } from '../optim/averagedWeights.ts';
import { clipByNorm, globalNorm } from '../optim/clip.ts';
import { createPacking, type Packing } from '../optim/packing.ts';
import { paths } from '../path/registry.ts';
import { startFrom } from '../path/start.ts';
import { drawNormal } from '../random.ts';
import { selectState, type StateKind, type StateLayout } from './state.ts';

/** Maps state to state; `report` holds the scalars `loss` and `gradNorm` (before clipping). */
export type StepFn = (
  state: readonly tf.Tensor[],
  batch: NamedTensors,
) => { state: tf.Tensor[]; report: NamedTensors };

export interface StepOptions {
  readonly field: Field;
  readonly layout: StateLayout;
  readonly config: RunConfig;
  /** The loss is multiplied by this before its gradient is taken; 1 in every preset. */
  readonly lossScale?: number;
}

/**
 * Batch: the context of the field, `target` [B, Nq, 3], `time` [B], the scalars `stepSize`, `secondCorrection` and
 * `averageDecay`, and where the start of the path comes from: `noiseSeed` [2], or `start` [B, Nq, 3] itself. With
 * dropout also `dropoutSeed` [2].
 */
export function createStep(options: StepOptions): StepFn {
  const { layout, config } = options;
  const lossOf = createLoss(options);
  const entries = layout.filter((entry) => entry.kind === 'param');
  const trainable = entries.map((entry) => entry.parameter);
  const packing = createPacking(entries.map((entry) => entry.shape));
  return (state, batch) => {
    const parameters = selectState(state, layout, ['param', 'buffer']);
    const values = trainable.map((name) => parameters[name]);
    const loss = (...tensors: tf.Tensor[]) =>
      lossOf({ ...parameters, ...Object.fromEntries(trainable.map((name, i) => [name, tensors[i]])) }, batch);
    const result = tf.valueAndGrads((...tensors) => loss(...tensors) as tf.Scalar)(values);
    const gradients = packing.pack(result.grads);
    const gradNorm = globalNorm(gradients);
    const clipped = clipByNorm(gradients, gradNorm, config.optim.clipNorm);
    const next = updateState({ state, batch, layout, config, packing }, clipped);
    return { state: next, report: { loss: result.value, gradNorm } };
  };
}

function createLoss(options: StepOptions) {
  const { field, config, lossScale = 1 } = options;
  const path = paths[config.path.kind];
  return (parameters: NamedTensors, batch: NamedTensors): tf.Tensor => {
    const dropout = createDropout({ rate: config.field.dropout, seed: batch['dropoutSeed'] });
    const start =
      batch['start'] ?? startFrom(config.path, { noise: drawNoise(batch), estimate: batch['estimate'] });
    const sample = path.sample({ start, data: batch['target'], time: batch['time'] });
    const encoded = field.encode(parameters, contextOf(batch), dropout);
    const predicted = field.predict(parameters, encoded, sample, dropout);
    const loss = matchingLoss(predicted, path.target(sample, config.path.prediction));
    return lossScale === 1 ? loss : tf.mul(loss, lossScale);
  };
}

function drawNoise(batch: NamedTensors): tf.Tensor {
  return drawNormal(batch['noiseSeed'], batch['target'].shape);
}

/** The context of a field out of a batch's tensors. */
export function contextOf(batch: NamedTensors): Context {
  return {
    observedCoords: batch['observedCoords'],
    observedValues: batch['observedValues'],
    queryCoords: batch['queryCoords'],
    estimate: batch['estimate'],
    patch: batch['patch'],
  };
}

interface Update {
  readonly state: readonly tf.Tensor[];
  readonly batch: NamedTensors;
  readonly layout: StateLayout;
  readonly config: RunConfig;
  readonly packing: Packing;
}

/**
 * Adam and the average for every trainable parameter; buffers pass through as copies, so that old and new never share.
 * Within each kind the layout names the parameters in one order, which is the packing's.
 */
function updateState(from: Update, gradients: readonly tf.Tensor[]): tf.Tensor[] {
  const { state, batch, layout, config, packing } = from;
  const old = (kind: StateKind) => packing.pack(state.filter((_, index) => layout[index].kind === kind));
  const [values, firsts, seconds] = [old('param'), old('adam.first'), old('adam.second')];
  const scalars = { stepSize: batch['stepSize'], secondCorrection: batch['secondCorrection'] };
  const slots = gradients.map((gradient, index) => {
    const slot = { value: values[index], first: firsts[index], second: seconds[index] };
    return adamUpdate(slot, gradient, { ...config.optim, ...scalars });
  });
  const updated = new Map<StateKind, Iterator<tf.Tensor, undefined>>();
  const update = (kind: StateKind, packed: tf.Tensor[]) => updated.set(kind, packing.unpack(packed).values());
  update(
    'param',
    slots.map(({ value }) => value),
  );
  update(
    'adam.first',
    slots.map(({ first }) => first),
  );
  update(
    'adam.second',
    slots.map(({ second }) => second),
  );
  if (layout.some(({ kind }) => kind === 'average')) {
    const averaged = (average: tf.Tensor, index: number) =>
      updateAverage(average, slots[index].value, batch['averageDecay']);
    update('average', old('average').map(averaged));
  }
  return layout.map(({ kind }, index) => updated.get(kind)?.next().value ?? tf.clone(state[index]));
}
