/** The fields a configuration can name. */

import type { FieldConfig } from '../../../shared/config/config.ts';
import type { Field } from './field.ts';
import { createLocalField } from './localField.ts';
import { createPerceiverField } from './perceiverField.ts';
import { createTransformerField } from './transformerField.ts';
import { createUnetField } from './unetField.ts';

export const fields: Readonly<Record<FieldConfig['kind'], (config: FieldConfig) => Field>> = {
  perceiver: createPerceiverField,
  unet: createUnetField,
  local: createLocalField,
  transformer: createTransformerField,
};

export function createField(config: FieldConfig): Field {
  return fields[config.kind](config);
}
