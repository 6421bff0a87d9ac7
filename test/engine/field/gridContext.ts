/** A context of waves, as a network on a grid reads it and as a network over points reads it with all pixels queried. */

import type { PathPoint } from '../../../main/engine/field/field.ts';
import { tf } from '../../support/backend.ts';
import { wave } from './waves.ts';
import type { Context } from '../../../main/engine/context/context.ts';

/** Two images of height × width: the first two pixels of every row are observed. */
export function gridContext(height: number, width: number): { context: Context; point: PathPoint } {
  const pixels = height * width;
  const mask = tf.concat([tf.ones([2, height, 2, 1]), tf.zeros([2, height, width - 2, 1])], 2);
  const colours = tf.reshape(wave('estimate', [2, pixels, 3]), [2, height, width, 3]);
  const observedGrid = tf.concat([mask, tf.mul(colours, mask)], 3);
  const observed = 2 * height;
  return {
    context: {
      observedCoords: wave('observedCoords', [2, observed, 2]),
      observedValues: wave('observedValues', [2, observed, 3]),
      queryCoords: wave('queryCoords', [2, pixels, 2]),
      estimate: wave('estimate', [2, pixels, 3]),
      observedGrid,
    },
    point: { state: wave('state', [2, pixels, 3]), time: tf.tensor1d([0.25, 0.003]) },
  };
}
