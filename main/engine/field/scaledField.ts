/**
 * A network whose numbers have the same size for every dataset: it is given the state around its mean in units of the
 * state's own deviation, and its output counts in units of the measured deviation from the classical estimate. Karras et al.
 * 2022, "Elucidating the design space", eq. 7 (c_in and c_out), centred on the estimate.
 */

import * as tf from '@tensorflow/tfjs-core';
import { pathScales, type RunConfig } from '../../../shared/config/config.ts';
import { stateMoments } from '../path/precondition.ts';
import type { Encoding, Field } from './field.ts';
import { createField } from './registry.ts';

/**
 * The deviation of the states that networks are given, in colours: that of CIFAR-10 around its thin plate, for which their
 * first layers are initialised. A larger one drowns the observed pixels in noise while training is young.
 */
const inputDeviation = 1 / 10;

/** Creates the network of a run in the unit of its path. */
export function createScaledField(config: Pick<RunConfig, 'field' | 'path'>): Field {
  const field = createField(config.field);
  return config.path.unit === 'colours' ? field : scaleField(field, config.path);
}

/** The encoding of the network, and the estimate [B, Nq, 3] that its state and output are relative to. */
type ScaledEncoding = Encoding & { readonly scaledAround: tf.Tensor };

function scaleField(field: Field, path: RunConfig['path']): Field<ScaledEncoding> {
  return {
    ...field,
    encode(parameters, context, dropout) {
      const { estimate } = context;
      if (!estimate)
        throw new Error('path.unit = residual needs a classical estimate, and the context has none.');
      return { ...field.encode(parameters, context, dropout), scaledAround: estimate };
    },
    predict(parameters, { scaledAround: estimate, ...encoded }, point, dropout) {
      const { unit } = pathScales(path);
      const { mean, variance } = stateMoments(path, { estimate, time: point.time, deviation: unit });
      const gain = tf.div(inputDeviation, tf.sqrt(variance));
      const state = tf.add(estimate, tf.mul(tf.sub(point.state, mean), gain));
      const output = field.predict(parameters, encoded, { ...point, state }, dropout);
      return tf.add(estimate, tf.mul(tf.sub(output, estimate), unit));
    },
  };
}
