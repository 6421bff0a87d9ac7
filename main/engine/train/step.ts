/**
 * The training step as a pure function of tensors: path → field → loss → gradients → clipping → update → weight averages;
 * and the stepper that holds the state between steps.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { dropoutOf } from '../../../shared/config/networks/registry.ts';
import { type BatchPart, fillRows, firstRows, joinRows, partBatch, takeRows } from '../batchParts.ts';
import { createDropout, noDropout } from '../field/dropout.ts';
import type { Field } from '../field/field.ts';
import { knownPixelWeight, lossWeight, matchingLoss } from '../objective/loss.ts';
import { meanOfTwoSteps, shortcutCount, type StepVelocity } from '../objective/shortcut.ts';
import { clipByNorm, globalNorm, type Packing } from '../optim/gradients.ts';
import { convertPrediction, samplePath, scalesAround, startFrom, targetOf } from '../path/affine.ts';
import { shapeNoise } from '../path/noise.ts';
import { meanVelocity, predictionFromOutput } from '../path/precondition.ts';
import { paths } from '../path/schedules.ts';
import { drawNormal } from '../random.ts';
import { type NamedTensors, takeValues } from '../tensors.ts';
import { samplingParameters, selectState, type StateLayout } from './state.ts';
import type { BatchRows, TrainingBatch } from './trainingBatch.ts';
import { createUpdate } from './update.ts';

/** Maps a state to the next one. `loss` and `gradNorm` (before clipping) are scalars. */
export type StepFn = (
  state: readonly tf.Tensor[],
  batch: TrainingBatch,
) => {
  readonly state: tf.Tensor[];
  readonly report: { readonly loss: tf.Tensor; readonly gradNorm: tf.Tensor };
};

export interface StepOptions {
  readonly field: Field;
  readonly layout: StateLayout;
  readonly config: RunConfig;
  /** Factor of the loss before its gradient is taken; 1 in every preset. */
  readonly lossScale?: number;
  /** Parts in which the batch is computed, side by side in a graph; default 1. Changes only the order of sums. */
  readonly parts?: number;
}

/** The first half of a step, for a backend with an update of its own that follows `optim` on the state of `layout`. */
export interface StepHalves {
  readonly layout: StateLayout;
  readonly optim: RunConfig['optim'];
  /** Whether the teacher's weights, the main average, are read. */
  readonly readsAverage: boolean;
  /** Returns the loss, a scalar, and the gradients of the trainable parameters in the order of the layout. */
  gradientsOf(weights: Weights, batch: TrainingBatch): { loss: tf.Tensor; gradients: tf.Tensor[] };
}

/** The step of a run: as a function of its whole state and, with Adam, as its first half. */
export type TrainingStep = StepFn & { readonly halves?: StepHalves };

/** Creates the step of a run: one update of all trainable parameters and of their averages. */
export function createStep(options: StepOptions): TrainingStep {
  const { layout, config } = options;
  const takeGradients = createGradients(options);
  const { packing, updateState } = createUpdate(layout, config.optim);
  const step: StepFn = (state, batch) => {
    const weights = {
      trained: selectState(state, layout, ['param', 'buffer']),
      teacher: samplingParameters(state, layout),
    };
    const { loss, gradients } = takeGradients(weights, batch, packing);
    const gradNorm = globalNorm(gradients);
    const clipped = clipByNorm(gradients, gradNorm, config.optim.clipNorm);
    const next = updateState(state, batch.update, clipped);
    return { state: next, report: { loss, gradNorm } };
  };
  // A backend's own update is Adam's.
  if (config.optim.kind === 'muon') return step;
  const separate = { pack: (tensors: readonly tf.Tensor[]) => [...tensors] };
  const halves: StepHalves = {
    layout,
    optim: config.optim,
    readsAverage: config.objective.shortcutShare > 0,
    gradientsOf: (weights, batch) => takeGradients(weights, batch, separate),
  };
  return Object.assign(step, { halves });
}

/** The weights that a step trains, and those its shortcuts learn from: the averaged ones where the run keeps them. */
export interface Weights {
  readonly trained: NamedTensors;
  readonly teacher: NamedTensors;
}

/** The rows of a batch with the start of the path, and the targets [B, Nq, 3] of shortcuts if there are any. */
type PathRows = BatchRows & { readonly start: tf.Tensor; readonly shortcut?: tf.Tensor };

/** Returns loss and packed gradients of a batch: sums over its parts, each weighted by its fraction of the rows. */
function createGradients(options: StepOptions) {
  const { field, layout, config, lossScale = 1, parts = 1 } = options;
  const lossOf = createLoss(options);
  const trainable = layout.filter(({ kind }) => kind === 'param').map(({ parameter }) => parameter);
  return (weights: Weights, batch: TrainingBatch, packing: Pick<Packing, 'pack'>) => {
    const parameters = weights.trained;
    const started = withStart(batch, config);
    const rows: PathRows = { ...started, ...shortcutTargets(options, weights.teacher, started) };
    const values = trainable.map((name) => parameters[name]);
    const results = partBatch(rows.target.shape[0], parts, field.smallestPart).map((part) => {
      const weight = (lossScale * part.rows) / part.of;
      const loss = (...tensors: tf.Tensor[]) => {
        const trained = Object.fromEntries(trainable.map((name, index) => [name, tensors[index]]));
        // The loss is a mean over the rows, so that repeated rows do not change it.
        const filled = fillRows(takeRows(rows, part), part.rows, field.smallestPart);
        const found = lossOf({ ...parameters, ...trained }, filled, { seed: batch.dropoutSeed, part });
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

/** Adds the start of the path, sampled for all rows at once, so that it does not depend on how the batch is divided. */
function withStart({ rows, noiseSeed }: TrainingBatch, config: RunConfig): PathRows {
  if (rows.start) return { ...rows, start: rows.start };
  if (!noiseSeed) throw new Error('The batch has neither a start of the path nor a seed for its noise.');
  const { imageSize } = config.data;
  const normals = drawNormal(noiseSeed, rows.target.shape);
  const noise = shapeNoise(config.path, normals, { height: imageSize, width: imageSize });
  return { ...rows, start: startFrom(config.path, { ...rows, noise }) };
}

function createLoss({ field, config }: StepOptions) {
  const path = paths[config.path.kind];
  return (
    parameters: NamedTensors,
    rows: PathRows,
    drop: { seed: tf.Tensor | undefined; part: BatchPart },
  ): tf.Tensor => {
    const dropout = createDropout({ rate: dropoutOf(config.field), ...drop });
    const { target: data, start, time, step, shortcut } = rows;
    const sample = samplePath(path, { start, data, time });
    const point = step ? { ...sample, step } : sample;
    const encoded = field.encode(parameters, rows, dropout);
    const output = field.predict(parameters, encoded, point, dropout);
    const predicted = predictionFromOutput(config.path, { ...rows, output, ...point });
    const weight = productOf([
      lossWeight(config, path.coefficients(time)),
      knownPixelWeight(config.objective, rows.observedGrid),
    ]);
    const flow = targetOf(path, sample, config.path.prediction);
    const target = step && shortcut ? chooseTargets(step, shortcut, flow) : flow;
    return scaledLoss(config.path, { predicted, target, weight, contrast: rows.contrast });
  };
}

function productOf(weights: readonly (tf.Tensor | undefined)[]): tf.Tensor | undefined {
  const given = weights.filter((weight) => weight !== undefined);
  return given.length > 1 ? given.reduce((product, weight) => tf.mul(product, weight)) : given[0];
}

/** Returns the loss of a prediction in its own unit: noise counts in its deviation, everything else in that of the residual. */
function scaledLoss(
  path: RunConfig['path'],
  of: { predicted: tf.Tensor; target: tf.Tensor; weight?: tf.Tensor; contrast?: tf.Tensor },
): tf.Tensor {
  const { predicted, target, weight } = of;
  if (path.unit === 'colours') return matchingLoss(predicted, target, weight);
  const { unit, startNoise } = scalesAround(path, of);
  const scale = path.prediction === 'noise' || path.prediction === 'score' ? startNoise : unit;
  if (typeof scale === 'number') return tf.div(matchingLoss(predicted, target, weight), scale ** 2);
  return matchingLoss(tf.div(predicted, scale), tf.div(target, scale), weight);
}

/**
 * Returns the targets of shortcuts, [B, Nq, 3] as the path's prediction: the mean velocity of two steps of half their size
 * (see objective/shortcut.ts), zeros for images that are no shortcut. Returns an empty record when the run trains none.
 * The shortcuts must be the last rows. Call it outside of any gradient: the teacher's weights are constants.
 */
function shortcutTargets(
  options: StepOptions,
  teacher: NamedTensors,
  rows: PathRows,
): Pick<PathRows, 'shortcut'> {
  const { objective } = options.config;
  if (objective.shortcutShare === 0) return {};
  const [of, ...size] = rows.target.shape;
  const count = shortcutCount(of, objective.shortcutShare);
  if (count === 0) return { shortcut: tf.zeros([of, ...size]) };
  const shortcuts = takeRows(rows, { from: of - count, rows: count, of });
  const { field, parts = 1 } = options;
  const results = partBatch(count, parts, field.smallestPart).map((part) => ({
    taught: teachShortcut(
      options,
      teacher,
      fillRows(takeRows(shortcuts, part), part.rows, field.smallestPart),
    ),
  }));
  const { taught } = firstRows(joinRows(results), count);
  return { shortcut: tf.concat([tf.zeros([of - count, ...size]), taught], 0) };
}

function teachShortcut({ field, config }: StepOptions, teacher: NamedTensors, rows: PathRows): tf.Tensor {
  const path = paths[config.path.kind];
  const { target: data, start, time, step, estimate, contrast } = rows;
  if (!step) throw new Error('The run trains shortcuts, and its batch has no sizes of steps.');
  const { state } = samplePath(path, { start, data, time });
  const encoded = field.encode(teacher, rows, noDropout);
  const velocity: StepVelocity = (point) => {
    const output = field.predict(teacher, encoded, point, noDropout);
    return meanVelocity(config.path, { output, estimate, contrast, ...point });
  };
  const value = meanOfTwoSteps(velocity, { state, time, step });
  return convertPrediction(path, { value, from: 'velocity', to: config.path.prediction, state, time });
}

/** Returns `shortcut` for images that have a step and `flow` for the others, [B, Nq, 3]. */
function chooseTargets(step: tf.Tensor, shortcut: tf.Tensor, flow: tf.Tensor): tf.Tensor {
  const hasStep = tf.reshape(tf.sign(step), [-1, 1, 1]);
  return tf.add(tf.mul(shortcut, hasStep), tf.mul(flow, tf.sub(1, hasStep)));
}

/** Numbers of one step. */
export interface StepReport {
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly gradNorm: number;
}

/** Holds the state of a run and takes steps with it. */
export interface Stepper<Report = StepReport | Promise<StepReport>> {
  /**
   * Takes one step; the batch remains the caller's. The report of a step that a card has yet to compute arrives later;
   * further steps may be taken meanwhile.
   */
  step(batch: TrainingBatch): Report;
  /** Lends the current state, in the order of the layout: read it, do not keep or dispose it. */
  withState<Result>(use: (state: readonly tf.Tensor[]) => Promise<Result>): Promise<Result>;
  dispose(): void;
}

/** Creates a stepper that runs operation by operation and takes ownership of the initial state. */
export function eagerStepper(stepFn: StepFn, initial: readonly tf.Tensor[]): Stepper<StepReport> {
  return stepperOf(stepFn, initial, ({ loss, gradNorm }) => {
    const [lossValue, normValue] = [loss, gradNorm].map((tensor) => tensor.dataSync()[0]);
    tf.dispose([loss, gradNorm]);
    return { loss: lossValue, gradNorm: normValue };
  });
}

/** Creates an eager stepper for a backend that must not be read synchronously. */
export function awaitedStepper(stepFn: StepFn, initial: readonly tf.Tensor[]): Stepper<Promise<StepReport>> {
  return stepperOf(stepFn, initial, readLater);
}

/** Reads and disposes of the scalars of a report in one transfer. */
export async function readLater(report: ReturnType<StepFn>['report']): Promise<StepReport> {
  const both = tf.stack([report.loss, report.gradNorm]);
  tf.dispose([report.loss, report.gradNorm]);
  const [loss, gradNorm] = await takeValues(both);
  return { loss, gradNorm };
}

function stepperOf<Report>(
  stepFn: StepFn,
  initial: readonly tf.Tensor[],
  read: (report: ReturnType<StepFn>['report']) => Report,
): Stepper<Report> {
  let state = initial;
  return {
    step(batch) {
      const { state: next, report } = tf.tidy(() => stepFn(state, batch));
      tf.dispose([...state]);
      state = next;
      return read(report);
    },
    withState: (use) => use(state),
    dispose: () => tf.dispose([...state]),
  };
}
