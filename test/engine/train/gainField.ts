/** The smallest field there is: the prediction is the state times one trained number. */

import type { Field } from '../../../main/engine/field/field.ts';
import { tf } from '../../support/backend.ts';

const initial = { law: 'constant', scale: 1 } as const;

/** One trained `gain`, and a fixed `offset` that it does not use. */
export const gainField: Field = {
  parameters: [
    { name: 'gain', shape: [1], initial, isTrainable: true },
    { name: 'offset', shape: [1], initial, isTrainable: false },
  ],
  encode: () => ({}),
  predict: (parameters, _encoded, { state }) => tf.mul(state, parameters['gain']),
};
