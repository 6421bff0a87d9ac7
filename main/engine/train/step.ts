/** The training step: path → field → loss → gradients → clip → Adam → averages. A pure function of tensors. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { keptAverages } from '../../../shared/config/keptAverages.ts';
import { fillRows, partBatch, takeRows, type BatchPart } from '../batchParts.ts';
import { createDropout } from '../field/dropout.ts';
import type { Context, Field } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { matchingLoss } from '../objective/matchingLoss.ts';
import { lossWeight } from '../objective/weighting.ts';
import { adamUpdate } from '../optim/adam.ts';
import { decayName, updateAverage } from '../optim/averagedWeights.ts';
import { clipByNorm, globalNorm } from '../optim/clip.ts';
import { createPacking, type Packing } from '../optim/packing.ts';
import { decayWeights } from '../optim/weightDecay.ts';
import { samplePath, targetOf } from '../path/affine.ts';
import { predictionOf } from '../path/precondition.ts';
import { paths } from '../path/registry.ts';
import { startFrom } from '../path/start.ts';
import { drawNormal } from '../random.ts';
import { shortcutTargets, whereStep } from './shortcutTargets.ts';
import { samplingParameters, selectState, type StateKind, type StateLayout } from './state.ts';

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
  /** Parts the batch is computed in, side by side in a graph; default 1. Changes nothing but the order of sums. */
  readonly parts?: number;
}

/**
 * Batch: the context of the field, `target` [B, Nq, 3], `time` [B], the scalars `stepSize`, `secondCorrection` and
 * of every average its `averageDecay` (see decayName), and where the start of the path comes from: `noiseSeed` [2], or
 * `start` [B, Nq, 3] itself. With dropout also `dropoutSeed` [2], with weight decay the scalar `weightsKept`, with
 * shortcuts `step` [B].
 */
export function createStep(options: StepOptions): StepFn {
  const { layout, config } = options;
  const takeGradients = createGradients(options);
  const packing = createPacking(layout.filter(({ kind }) => kind === 'param').map(({ shape }) => shape));
  return (state, batch) => {
    const weights = {
      trained: selectState(state, layout, ['param', 'buffer']),
      teacher: samplingParameters(state, layout),
    };
    const { loss, gradients } = takeGradients(weights, batch, packing);
    const gradNorm = globalNorm(gradients);
    const clipped = clipByNorm(gradients, gradNorm, config.optim.clipNorm);
    const next = updateState({ state, batch, layout, config, packing }, clipped);
    return { state: next, report: { loss, gradNorm } };
  };
}

/** What a step trains, and what its shortcuts learn from: the averaged weights where the run keeps them. */
interface Weights {
  readonly trained: NamedTensors;
  readonly teacher: NamedTensors;
}

/** Loss and packed gradients of a batch: sums over its parts, each weighted by its share of the rows. */
function createGradients(options: StepOptions) {
  const { field, layout, config, lossScale = 1, parts = 1 } = options;
  const lossOf = createLoss(options);
  const trainable = layout.filter(({ kind }) => kind === 'param').map(({ parameter }) => parameter);
  return (weights: Weights, batch: NamedTensors, packing: Packing) => {
    const parameters = weights.trained;
    const drawn = rowsOf(batch, config);
    const rows = { ...drawn, ...shortcutTargets({ ...options, contextOf }, weights.teacher, drawn) };
    const values = trainable.map((name) => parameters[name]);
    const results = partBatch(batch['target'].shape[0], parts, field.smallestPart).map((part) => {
      const weight = (lossScale * part.rows) / part.of;
      const loss = (...tensors: tf.Tensor[]) => {
        const trained = Object.fromEntries(trainable.map((name, index) => [name, tensors[index]]));
        // The loss is a mean over the rows: repeated ones change nothing.
        const filled = fillRows(takeRows(rows, part), part.rows, field.smallestPart);
        const found = lossOf({ ...parameters, ...trained }, filled, { batch, part });
        return (weight === 1 ? found : tf.mul(found, weight)) as tf.Scalar;
      };
      const { value, grads } = tf.valueAndGrads(loss)([...values]);
      return { loss: value, gradients: packing.pack(grads) };
    });
    if (results.length === 1) return results[0];
    return {
      loss: tf.addN(results.map((result) => result.loss)),
      gradients: results[0].gradients.map((_, index) =>
        tf.addN(results.map((part) => part.gradients[index])),
      ),
    };
  };
}

/** What a batch has for every image, the start of its path among it: drawn for all rows at once, however they are parted. */
function rowsOf(batch: NamedTensors, config: RunConfig): NamedTensors {
  const start =
    batch['start'] ?? startFrom(config.path, { noise: drawNoise(batch), estimate: batch['estimate'] });
  const { target, time, step } = batch;
  const known = Object.entries({ ...contextOf(batch), step }).filter(([, tensor]) => tensor !== undefined);
  return { ...Object.fromEntries(known), target, time, start };
}

function createLoss({ field, config }: StepOptions) {
  const path = paths[config.path.kind];
  return (
    parameters: NamedTensors,
    rows: NamedTensors,
    of: { batch: NamedTensors; part: BatchPart },
  ): tf.Tensor => {
    const seed = of.batch['dropoutSeed'];
    const dropout = createDropout({ rate: config.field.dropout, seed, part: of.part });
    const { target: data, start, time, step, shortcut } = rows;
    const sample = samplePath(path, { start, data, time });
    const point = step ? { ...sample, step } : sample;
    const encoded = field.encode(parameters, contextOf(rows), dropout);
    const output = field.predict(parameters, encoded, point, dropout);
    const predicted = predictionOf(config.path, { output, estimate: rows['estimate'], ...point });
    const weight = lossWeight(config, path.coefficients(time));
    const flow = targetOf(path, sample, config.path.prediction);
    return matchingLoss(predicted, step ? whereStep(step, shortcut, flow) : flow, weight);
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
    observedGrid: batch['observedGrid'],
    neighbours: batch['neighbours'],
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
 * Adam and the averages for every trainable parameter; buffers pass through as copies, so that old and new never share.
 * Within each kind the layout names the parameters in one order, which is the packing's.
 */
function updateState(from: Update, gradients: readonly tf.Tensor[]): tf.Tensor[] {
  const { state, batch, layout, config, packing } = from;
  const old = (kind: StateKind) => packing.pack(state.filter((_, index) => layout[index].kind === kind));
  const trained = layout.flatMap(({ kind, parameter }, index) =>
    kind === 'param' ? [{ name: parameter, value: state[index] }] : [],
  );
  const values = packing.pack(decayWeights(trained, batch['weightsKept']));
  const [firsts, seconds] = [old('adam.first'), old('adam.second')];
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
  for (const { kind } of keptAverages(config.optim)) {
    const averaged = (average: tf.Tensor, index: number) =>
      updateAverage(average, slots[index].value, batch[decayName(kind)]);
    update(kind, old(kind).map(averaged));
  }
  return layout.map(({ kind }, index) => updated.get(kind)?.next().value ?? tf.clone(state[index]));
}
