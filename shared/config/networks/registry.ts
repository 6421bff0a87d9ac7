/** The networks that a configuration can name, and `field`, the part of a configuration that holds the parameters of one of them. */

import { z } from 'zod';
import { local } from './local.ts';
import type { FieldTraits, Network } from './network.ts';
import { perceiver } from './perceiver.ts';
import { transformer } from './transformer.ts';
import { unet } from './unet.ts';

/** The networks in the order in which they are offered; the first is the default. */
const networks = { perceiver, unet, local, transformer };

export type FieldKind = keyof typeof networks;
type Schemas = { readonly [Kind in FieldKind]: (typeof networks)[Kind]['schema'] };

/** `field` of a configuration: the parameters of the network that `kind` names. */
export type FieldConfig<Kind extends FieldKind = FieldKind> = {
  [Name in Kind]: z.output<Schemas[Name]>;
}[Kind];

const schemas = Object.values(networks).map(({ schema }) => schema);
export const fieldKinds: readonly FieldKind[] = schemas.map(({ shape }) => shape.kind.value);

/** Returns the traits of a network. */
export function traitsOf(kind: FieldKind): FieldTraits {
  return networks[kind].traits;
}

/** Returns the title of a network; a name that this version does not know, unchanged. */
export function titleOfNetwork(name: string): string {
  const kind = fieldKinds.find((each) => each === name);
  return kind === undefined ? name : traitsOf(kind).title;
}

/** Returns the network of a configuration; `Kind` ensures that its functions are given a configuration of the same network. */
export function networkOf<Kind extends FieldKind>(field: {
  readonly kind: Kind;
}): Network<FieldConfig<Kind>> {
  const byKind: { readonly [Name in FieldKind]: Network<FieldConfig<Name>> } = networks;
  return byKind[field.kind];
}

/** Returns the names of a network's parameters, in the order of its schema. */
export function parametersOf(kind: FieldKind): string[] {
  return Object.keys(networks[kind].schema.shape).filter((name) => name !== 'kind');
}

/** Returns the networks that have a parameter. */
export function networksWith(parameter: string): FieldKind[] {
  return fieldKinds.filter((kind) => Object.hasOwn(networks[kind].schema.shape, parameter));
}

/** Returns which pixels a network of this configuration predicts: queries that depend on one another are the whole grid. */
export function queriesOf(field: FieldConfig): FieldTraits['queries'] {
  const { queries, mixesBy } = traitsOf(field.kind);
  const parameters: Readonly<Record<string, unknown>> = field;
  return mixesBy !== null && Boolean(parameters[mixesBy]) ? 'grid' : queries;
}

/** Returns the dropout rate; 0 for a network without dropout. */
export function dropoutOf(field: FieldConfig): number {
  return 'dropout' in field ? field.dropout : 0;
}

type AnyInput = z.input<Schemas[FieldKind]>;
type NameIn<Input> = Input extends unknown ? keyof Input : never;
type ValueIn<Input, Name> = Input extends unknown ? (Name extends keyof Input ? Input[Name] : never) : never;

/** What is read as `field`: parameters of any network. */
export type FieldInput = { readonly [Name in NameIn<AnyInput>]?: ValueIn<AnyInput, Name> };

const [first, ...others] = schemas;

/**
 * The parameters of one network. Earlier versions stored those of all networks in every configuration: parameters that
 * belong to other networks than the chosen one are dropped when a configuration is read.
 */
export const fieldSchema = z.preprocess(
  (input: FieldInput) => keepOwnParameters(input),
  z.discriminatedUnion('kind', [first, ...others]),
);

/** Returns the input with its network named, without the parameters that only other networks have. */
function keepOwnParameters(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const named = 'kind' in input ? input.kind : undefined;
  const kind = named === undefined ? fieldKinds[0] : named;
  const own = Object.entries(input).filter(([name]) => {
    const owners: readonly unknown[] = networksWith(name);
    return owners.length === 0 || owners.includes(kind);
  });
  return { ...Object.fromEntries(own), kind };
}

/** Explains that a network lacks a parameter which other networks have. */
export function describeForeignParameter(kind: FieldKind, parameter: string): string {
  const list = new Intl.ListFormat('en');
  const owners = networksWith(parameter);
  return `the network "${kind}" has no parameter "${parameter}", only ${list.format(parametersOf(kind))}; ${list.format(owners)} ${owners.length === 1 ? 'has' : 'have'} it`;
}
