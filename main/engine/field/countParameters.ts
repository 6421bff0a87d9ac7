/** How large a network is. */

import type { Field } from './field.ts';

/** Trainable numbers of the field. */
export function countParameters(field: Pick<Field, 'parameters'>): number {
  return field.parameters
    .filter((spec) => spec.isTrainable)
    .reduce((sum, spec) => sum + spec.shape.reduce((product, length) => product * length, 1), 0);
}
