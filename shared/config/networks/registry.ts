/** The networks that a configuration can name, and `field`, the part of a configuration that holds their parameters. */

import { z } from 'zod';
import { local, type LocalConfig, localShape } from './local.ts';
import { attentionShape, commonShape, type FieldTraits, type Network, positionShape } from './network.ts';
import { perceiver, type PerceiverConfig, perceiverShape } from './perceiver.ts';
import { transformer, type TransformerConfig, transformerShape } from './transformer.ts';
import { unet, type UnetConfig, unetShape } from './unet.ts';

export const fieldKinds = ['perceiver', 'unet', 'local', 'transformer'] as const;
type FieldKind = (typeof fieldKinds)[number];

type AnyConfig = PerceiverConfig & UnetConfig & LocalConfig & TransformerConfig;

export const networks: Readonly<Record<FieldKind, Network<AnyConfig>>> = {
  perceiver,
  unet,
  local,
  transformer,
};

/** The traits of the networks by name. */
export const fieldTraits: Readonly<Record<FieldKind, FieldTraits>> = {
  perceiver: perceiver.traits,
  unet: unet.traits,
  local: local.traits,
  transformer: transformer.traits,
};

/** Returns whether a network uses a parameter of `field`; a stored configuration holds those of all networks. */
export function usesParameter(kind: FieldKind, parameter: string): boolean {
  return parameter === 'kind' || networks[kind].parameters.includes(parameter);
}

/** Returns which pixels a network of this configuration predicts: queries that depend on one another are the whole grid. */
export function queriesOf(
  field: { readonly kind: FieldKind } & Readonly<Record<NonNullable<FieldTraits['mixesBy']>, unknown>>,
): FieldTraits['queries'] {
  const { queries, mixesBy } = fieldTraits[field.kind];
  return mixesBy !== null && Boolean(field[mixesBy]) ? 'grid' : queries;
}

/**
 * One flat record with the parameters of all networks, so that a configuration keeps them when another network is chosen.
 * Only those of the chosen network must fit together.
 */
export const fieldSchema = z
  .strictObject({
    kind: z.enum(fieldKinds).default('perceiver').meta({ title: 'Network' }),
    ...commonShape,
    ...attentionShape,
    ...positionShape,
    ...perceiverShape,
    ...localShape,
    ...transformerShape,
    ...unetShape,
  })
  .refine(({ kind, dim, heads }) => !usesParameter(kind, 'heads') || dim % heads === 0, {
    message: 'dim must be a multiple of heads',
    path: ['heads'],
  })
  .refine((field) => field.dim % 2 === 0, { message: 'dim must be even', path: ['dim'] })
  .refine(
    ({ kind, patch, residual }) =>
      !usesParameter(kind, 'patch') || patch === 0 || (patch % 2 === 1 && residual !== 'none'),
    { message: 'patch must be odd and needs residual = thin-plate', path: ['patch'] },
  )
  // Over a side of 1 no query would see another, and every read-out block mixes once.
  .refine(
    ({ kind, mixing, readBlocks }) =>
      kind !== 'local' || mixing === 0 || (mixing % 2 === 1 && mixing > 1 && readBlocks > 0),
    { message: 'mixing must be 0, or odd and at least 3, and needs readBlocks above 0', path: ['mixing'] },
  )
  .refine(
    ({ kind, queriesAttend, readBlocks }) => kind !== 'transformer' || !queriesAttend || readBlocks > 0,
    { message: 'queriesAttend needs readBlocks above 0', path: ['queriesAttend'] },
  )
  .refine(({ kind, queryCarriesState, patch }) => kind !== 'perceiver' || queryCarriesState || patch === 0, {
    message: 'patch needs queryCarriesState = true',
    path: ['patch'],
  });
