/** What the shortcuts of a batch learn: two steps of half their size. See objective/shortcut.ts. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { fillRows, firstRows, joinRows, partBatch, takeRows } from '../batchParts.ts';
import { noDropout } from '../field/dropout.ts';
import type { Context, Field } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { meanOfTwoSteps, shortcutCount, type StepVelocity } from '../objective/shortcut.ts';
import { convert, samplePath } from '../path/affine.ts';
import { meanVelocity } from '../path/precondition.ts';
import { paths } from '../path/registry.ts';

export interface ShortcutOptions {
  readonly field: Field;
  readonly config: RunConfig;
  readonly parts?: number;
  readonly contextOf: (rows: NamedTensors) => Context;
}

/**
 * `shortcut` [B, Nq, 3], in the words of the path's prediction; zeros where an image is no shortcut. Nothing where a run
 * has none. `rows` have the context, `target`, `start`, `time` and `step` of every image, the shortcuts last. To be called
 * outside of any gradient: the teacher's weights are taken as they are.
 */
export function shortcutTargets(
  options: ShortcutOptions,
  teacher: NamedTensors,
  rows: NamedTensors,
): NamedTensors {
  const { objective } = options.config;
  if (objective.shortcutShare === 0) return {};
  const [of, ...size] = rows['target'].shape;
  const count = shortcutCount(of, objective.shortcutShare);
  if (count === 0) return { shortcut: tf.zeros([of, ...size]) };
  const shortcuts = takeRows(rows, { from: of - count, rows: count, of });
  const { field, parts = 1 } = options;
  const results = partBatch(count, parts, field.smallestPart).map((part) => ({
    taught: teach(options, teacher, fillRows(takeRows(shortcuts, part), part.rows, field.smallestPart)),
  }));
  const { taught } = firstRows(joinRows(results), count);
  return { shortcut: tf.concat([tf.zeros([of - count, ...size]), taught], 0) };
}

function teach({ field, config, contextOf }: ShortcutOptions, teacher: NamedTensors, rows: NamedTensors) {
  const path = paths[config.path.kind];
  const { target: data, start, time, step, estimate } = rows;
  const { state } = samplePath(path, { start, data, time });
  const encoded = field.encode(teacher, contextOf(rows), noDropout);
  const velocity: StepVelocity = (point) => {
    const output = field.predict(teacher, encoded, point, noDropout);
    return meanVelocity(config.path, { output, estimate, ...point });
  };
  const value = meanOfTwoSteps(velocity, { state, time, step });
  return convert(path, { value, from: 'velocity', to: config.path.prediction, state, time });
}

/** `shortcut` where an image has a step, `flow` where it has none; [B, Nq, 3]. */
export function whereStep(step: tf.Tensor, shortcut: tf.Tensor, flow: tf.Tensor): tf.Tensor {
  const isStep = tf.reshape(tf.sign(step), [-1, 1, 1]);
  return tf.add(tf.mul(shortcut, isStep), tf.mul(flow, tf.sub(1, isStep)));
}
