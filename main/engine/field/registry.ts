/** The networks that a configuration can name. */

import type { FieldConfig, FieldKind } from '../../../shared/config/networks/registry.ts';
import type { Field } from './field.ts';
import { createLocalField } from './local.ts';
import { createPerceiverField } from './perceiver.ts';
import { createTransformerField } from './transformer.ts';
import { createUnetField } from './unet.ts';

const creators: { readonly [Kind in FieldKind]: (config: FieldConfig<Kind>) => Field } = {
  perceiver: createPerceiverField,
  unet: createUnetField,
  local: createLocalField,
  transformer: createTransformerField,
};

/** Creates the network of a configuration; it holds no tensors. */
export function createField(config: FieldConfig): Field {
  return creatorOf(config)(config);
}

function creatorOf<Kind extends FieldKind>({
  kind,
}: {
  readonly kind: Kind;
}): (config: FieldConfig<Kind>) => Field {
  return creators[kind];
}
