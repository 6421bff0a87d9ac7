/** The fields a configuration can name. */

import type { FieldConfig } from '../../../shared/config.ts';
import type { Field } from './field.ts';
import { createPerceiverField } from './perceiverField.ts';

export const fields: Readonly<Record<FieldConfig['kind'], (config: FieldConfig) => Field>> = {
  perceiver: createPerceiverField,
};

export function createField(config: FieldConfig): Field {
  return fields[config.kind](config);
}
