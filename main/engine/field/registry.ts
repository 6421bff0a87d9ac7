/** The networks that a configuration can name. */

import type { FieldConfig } from '../../../shared/config/config.ts';
import type { Field } from './field.ts';
import { createLocalField } from './local.ts';
import { createPerceiverField } from './perceiver.ts';
import { createTransformerField } from './transformer.ts';
import { createUnetField } from './unet.ts';

export const fields: Readonly<Record<FieldConfig['kind'], (config: FieldConfig) => Field>> = {
  perceiver: createPerceiverField,
  unet: createUnetField,
  local: createLocalField,
  transformer: createTransformerField,
};

/** Creates the network of a configuration; it holds no tensors. */
export function createField(config: FieldConfig): Field {
  return fields[config.kind](config);
}
