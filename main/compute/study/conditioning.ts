/** What predictions depend on: the sensitivities and the attention of a study's image. */

import * as tf from '@tensorflow/tfjs-core';
import type { SparseObservation } from '../../../shared/images/image.ts';
import { gradientCost, mostSensitivityPairs, type StudyImage, studyQueries } from '../../../shared/study.ts';
import { contextParts, needsEstimate } from '../../engine/context/context.ts';
import { observedAttention } from '../../engine/study/attention.ts';
import { brightnessGradient, createContextAdjoint, sensitivityOf } from '../../engine/study/sensitivity.ts';
import { listTensors } from '../../engine/tensors.ts';
import type { SamplingData } from '../evaluation/samplingData.ts';
import type { LoadedModel } from '../modelCheckpoint.ts';
import { type EstimateOf, prepareGroup, rememberEstimates } from '../sampling/reconstructImages.ts';

/** Reports work that was done, counted in evaluations, and lets messages in. */
export type Advance = (phase: string, evaluations: number) => Promise<void>;

/** Queries whose gradients are computed at once. */
const gradientRows = 16;

/** Returns the numbers of the states that are looked at: t = 0 and t = ½. */
const chosenStates = (steps: number) => [0, Math.round(steps / 2)];

/** Returns the times of the states that are looked at. */
export function conditioningTimes(times: readonly number[]): number[] {
  return chosenStates(times.length - 1).map((state) => times[state]);
}

/** Whether the images are small enough for the matrices of their classical estimate. */
export function canDifferentiate({ config }: LoadedModel, { truth, observations }: SamplingData): boolean {
  if (!needsEstimate(config)) return true;
  const most = Math.max(...observations.map(({ indices }) => indices.length));
  return most * truth.height * truth.width <= mostSensitivityPairs;
}

export type Conditioning = Pick<StudyImage, 'sensitivity' | 'attention'>;

interface ConditioningOptions {
  /** Times and states of the image along its solution. */
  readonly own: { readonly times: readonly number[]; readonly states: readonly Float32Array[] };
  readonly data: SamplingData;
  /** Place of the image in `data`. */
  readonly number: number;
  readonly seed: number;
  readonly advance: Advance;
  readonly hasSensitivity: boolean;
}

/** Returns times × queries × observed numbers each; none of what the network does not have. */
export async function studyConditioning(
  model: LoadedModel,
  options: ConditioningOptions,
): Promise<Conditioning> {
  const { own, data, number, advance, hasSensitivity } = options;
  const estimateOf = rememberEstimates(model.config.path.estimate);
  const name = `image ${number + 1} of ${data.truth.count}`;
  const attention: Float32Array[] = [];
  for (const state of chosenStates(own.times.length - 1)) {
    attention.push(await attentionAt(model, options, { state, estimateOf }));
    await advance(`attention of ${name}`, 1);
  }
  return {
    attention: joined(attention),
    sensitivity: hasSensitivity
      ? await differentiate(model, options, { name, estimateOf })
      : new Float32Array(),
  };
}

/** Returns the attention of every query at a state, queries × observed numbers; none if the network has no attention. */
async function attentionAt(
  model: LoadedModel,
  options: ConditioningOptions,
  { state, estimateOf }: { readonly state: number; readonly estimateOf: EstimateOf },
): Promise<Float32Array> {
  const { own, data, number } = options;
  const observation = data.observations[number];
  const { neighbours } = contextParts(model.config.field, model.config.path);
  const prepared = prepareCopies(model, options, { rows: 1, estimateOf });
  const found = await prepared.with(0, async (problem) => {
    const at = {
      state: tf.tensor(own.states[state], problem.start.shape),
      time: tf.tensor1d([own.times[state]]),
    };
    try {
      return await observedAttention({ ...problem, ...at }, observation, neighbours);
    } finally {
      tf.dispose([at.state, at.time]);
    }
  });
  if (!found) return new Float32Array();
  const count = observation.indices.length;
  return joined(
    Array.from(studyQueries(data.truth), (query) => found.subarray(query * count, (query + 1) * count)),
  );
}

/** Returns the sensitivities of every query at every chosen state. */
async function differentiate(
  model: LoadedModel,
  options: ConditioningOptions,
  { name, estimateOf }: { readonly name: string; readonly estimateOf: EstimateOf },
): Promise<Float32Array> {
  const { own, data, number, advance } = options;
  const { field, parameters, run } = model;
  const observation = data.observations[number];
  const adjoint = createAdjoint(model, observation, estimateOf);
  const queries = studyQueries(data.truth);
  const rows = Math.min(gradientRows, queries.length);
  // Copies of the image, one for each query.
  const prepared = prepareCopies(model, options, { rows, estimateOf });
  const found: Float32Array[] = [];
  for (const at of chosenStates(own.times.length - 1)) {
    for (let first = 0; first < queries.length; first += rows) {
      const asked = Array.from(
        { length: rows },
        (_, row) => queries[Math.min(first + row, queries.length - 1)],
      );
      const gradient = await prepared.with(0, async ({ context, start, path }) => {
        const pulled = tf.tidy(() => {
          const [, points, channels] = start.shape;
          const state = tf.tile(tf.tensor(own.states[at], [1, points, channels ?? 3]), [rows, 1, 1]);
          const time = tf.fill([rows], own.times[at]);
          return brightnessGradient({ field, parameters, path, context, state, time }, asked, run);
        });
        const values = await adjoint.pullBack(pulled);
        tf.dispose(listTensors(pulled));
        return sensitivityOf(values, observation.channels !== undefined);
      });
      const count = Math.min(rows, queries.length - first);
      found.push(gradient.subarray(0, count * observation.indices.length));
      await advance(`sensitivities of ${name}`, gradientCost * count);
    }
  }
  return joined(found);
}

function createAdjoint({ config }: LoadedModel, observation: SparseObservation, estimateOf: EstimateOf) {
  const { list: isListed, patch, neighbours } = contextParts(config.field, config.path);
  const estimate = needsEstimate(config) ? estimateOf(observation) : null;
  return createContextAdjoint(observation, {
    estimate,
    method: config.path.estimate,
    patch,
    neighbours,
    isListed,
  });
}

/** Prepares a batch whose rows are all the same image. */
function prepareCopies(
  model: LoadedModel,
  { data, number, seed }: ConditioningOptions,
  { rows, estimateOf }: { readonly rows: number; readonly estimateOf: EstimateOf },
) {
  return prepareGroup(model, {
    images: data.truth,
    observations: [data.observations[number]],
    indices: [data.indices[number]],
    group: { first: 0, count: 1, imageOfRow: new Array<number>(rows).fill(0), rowOfImage: [0] },
    seed,
    estimateOf,
  });
}

/** Returns arrays one after the other. */
export function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
