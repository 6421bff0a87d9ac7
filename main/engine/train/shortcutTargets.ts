/** What the shortcuts of a batch learn: two steps of half their size. See objective/shortcut.ts. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config.ts';
import { joinRows, partBatch, takeRows } from '../batchParts.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { meanOfTwoSteps, shortcutCount, type StepVelocity } from '../objective/shortcut.ts';
import { convert, samplePath } from '../path/affine.ts';
import { paths } from '../path/registry.ts';

/**
 * [B, Nq, 3], in the words of the path's prediction; zeros where an image is no shortcut. `rows` have `target`, `start`,
 * `time` and `step` of every image, the shortcuts last; `velocityOf` gives the teacher's velocities for some of the rows.
 */
export function shortcutTargets(
  { path, objective }: Pick<RunConfig, 'path' | 'objective'>,
  rows: NamedTensors,
  by: { parts: number; velocityOf: (rows: NamedTensors) => StepVelocity },
): tf.Tensor {
  const [of, ...size] = rows['target'].shape;
  const count = shortcutCount(of, objective.shortcutShare);
  if (count === 0) return tf.zeros([of, ...size]);
  const shortcuts = takeRows(rows, { from: of - count, rows: count, of });
  const results = partBatch(count, by.parts).map((part) => {
    const taken = takeRows(shortcuts, part);
    const { target: data, start, time, step } = taken;
    const { state } = samplePath(paths[path.kind], { start, data, time });
    const value = meanOfTwoSteps(by.velocityOf(taken), { state, time, step });
    const from = 'velocity';
    return { taught: convert(paths[path.kind], { value, from, to: path.prediction, state, time }) };
  });
  return tf.concat([tf.zeros([of - count, ...size]), joinRows(results)['taught']], 0);
}

/** `shortcut` where an image has a step, `flow` where it has none; [B, Nq, 3]. */
export function whereStep(step: tf.Tensor, shortcut: tf.Tensor, flow: tf.Tensor): tf.Tensor {
  const isStep = tf.reshape(tf.sign(step), [-1, 1, 1]);
  return tf.add(tf.mul(shortcut, isStep), tf.mul(flow, tf.sub(1, isStep)));
}
