/**
 * A network whose numbers have the same size for every dataset: it is given the state around its mean in units of the
 * state's own deviation, and its output counts in units of the measured deviation from the classical estimate. Karras et al.
 * 2022, "Elucidating the design space", eq. 7 (c_in and c_out), centred on the estimate.
 *
 * Where the unit follows the local contrast, they have the same size everywhere in an image: the network is given the estimate
 * around its local level, in units of the local contrast (Jarrett et al. 2009, §3.2). In place of the state it is given what
 * the state alone says about the data, their best linear guess: nothing at the start, where the state is noise.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { scalesAround } from '../path/affine.ts';
import { paths } from '../path/schedules.ts';
import { stateMoments } from '../path/precondition.ts';
import type { Encoding, Field } from './field.ts';
import { createField } from './registry.ts';

/**
 * The deviation of the states that networks are given, in colours: that of CIFAR-10 around its thin plate, for which their
 * first layers are initialised. A larger one drowns the observed pixels in noise while training is young.
 */
const inputDeviation = 1 / 10;

/** The middle of the range of colours. */
const middle = 1 / 2;

/** Creates the network of a run in the unit of its path. */
export function createScaledField(config: Pick<RunConfig, 'field' | 'path'>): Field {
  const field = createField(config.field);
  return config.path.unit === 'colours' ? field : scaleField(field, config.path);
}

/** Local contrast of the estimate that networks are given: about that of CIFAR-10, around the middle of the range of colours. */
const evenContrast = 1 / 5;

/** The encoding of the network, and what its state and output are relative to. */
type ScaledEncoding = Encoding & {
  /** The estimate in colours, [B, Nq, 3]. */
  readonly scaledAround: tf.Tensor;
  /** The local contrast of the pixels, [B, Nq, 1], and the estimate that the network is given; absent: `scaledAround`. */
  readonly scaledBy?: tf.Tensor;
  readonly evenEstimate?: tf.Tensor;
};

function scaleField(field: Field, path: RunConfig['path']): Field<ScaledEncoding> {
  return {
    ...field,
    encode(parameters, context, dropout) {
      const { estimate, level, contrast } = context;
      if (!estimate)
        throw new Error(`path.unit = ${path.unit} needs a classical estimate, and the context has none.`);
      if (path.unit !== 'local')
        return { ...field.encode(parameters, context, dropout), scaledAround: estimate };
      if (!level || !contrast)
        throw new Error('path.unit = local needs the local contrast, and the context has none.');
      const gain = tf.div(evenContrast, contrast);
      const evenEstimate = tf.add(tf.mul(tf.sub(estimate, level), gain), middle);
      const even = field.encode(parameters, { ...context, estimate: evenEstimate }, dropout);
      return { ...even, scaledAround: estimate, scaledBy: contrast, evenEstimate };
    },
    predict(
      parameters,
      { scaledAround: estimate, scaledBy: contrast, evenEstimate, ...encoded },
      point,
      dropout,
    ) {
      const { unit } = scalesAround(path, { contrast });
      const { time } = point;
      const { mean, variance } = stateMoments(path, { estimate, contrast, time, deviation: unit });
      const gain = evenEstimate
        ? tf.div(tf.mul(paths[path.kind].coefficients(time).alpha, tf.mul(unit, inputDeviation)), variance)
        : tf.div(inputDeviation, tf.sqrt(variance));
      const given = evenEstimate ?? estimate;
      const state = tf.add(given, tf.mul(tf.sub(point.state, mean), gain));
      const output = field.predict(parameters, encoded, { ...point, state }, dropout);
      return tf.add(estimate, tf.mul(tf.sub(output, given), unit));
    },
  };
}
