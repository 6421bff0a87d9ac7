/** The parameters of a run's configuration: their sections, their values by path, and values as text. */

import { type RunConfig, type RunConfigInput, runConfigSchema } from './config.ts';
import { describeSchema, type Parameter, type ParameterValue, type Section } from './describeSchema.ts';
import { type FieldKind, networksWith } from './networks/registry.ts';
import { withOtherNetworks } from './presets.ts';

interface Described {
  readonly sections: readonly Section[];
  readonly byPath: ReadonlyMap<string, Parameter>;
}

/** Made when it is first needed: it takes tens of milliseconds, for which every page and command would wait. */
let described: Described | null = null;

function describeConfig(): Described {
  const sections = describeSchema(runConfigSchema)
    .map((section) => ({
      ...section,
      parameters: section.parameters.filter(({ path }) => path !== 'preset' && path !== 'data.source'),
    }))
    .filter(({ parameters }) => parameters.length > 0);
  const all = sections.flatMap(({ parameters }) => parameters);
  return { sections, byPath: new Map(all.map((parameter) => [parameter.path, parameter])) };
}

/** Returns all sections, without the preset, which has a card of its own, and the source, which the dataset determines. */
export function listConfigSections(): readonly Section[] {
  return (described ??= describeConfig()).sections;
}

/** Returns all parameters of the sections. */
export function listConfigParameters(): readonly Parameter[] {
  return [...(described ??= describeConfig()).byPath.values()];
}

/** Returns a parameter by its path; undefined if the sections have none. */
export function findConfigParameter(path: string): Parameter | undefined {
  return (described ??= describeConfig()).byPath.get(path);
}

export interface Change {
  readonly parameter: Parameter;
  readonly from: ParameterValue;
  readonly to: ParameterValue;
}

/** Returns whether a configuration with this network has a parameter. */
export function hasParameter(network: FieldKind, path: string): boolean {
  const [section, name] = path.split('.');
  return section !== 'field' || networksWith(name).includes(network);
}

type Tree = Readonly<Record<string, unknown>>;

/** Returns the value of a parameter by its path; undefined if the network of the configuration does not have it. */
export function valueAt(config: RunConfigInput, path: string): ParameterValue | undefined {
  const value = path.split('.').reduce<unknown>((tree, key) => (tree as Tree | undefined)?.[key], config);
  return value as ParameterValue | undefined;
}

/**
 * Returns the value that a parameter has before it is set: that of the configuration, or, if its network does not have the
 * parameter, the value that the parameter gets when another network is chosen.
 */
export function startingValue(config: RunConfig, path: string): ParameterValue {
  const value = valueAt(withOtherNetworks(config), path);
  return value === undefined ? (findConfigParameter(path)?.initial ?? null) : value;
}

/** Returns whether two values are equal; lists are compared by their members. */
export function isSameValue(one: ParameterValue | undefined, other: ParameterValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Returns the parameters of `to` whose values differ from those that `from` has, or would have with the network of `to`, in
 * the order of the form.
 */
export function compareConfigs(from: RunConfig, to: RunConfig): readonly Change[] {
  return listConfigParameters().flatMap((parameter) => {
    const before = startingValue(from, parameter.path);
    const after = valueAt(to, parameter.path);
    return after === undefined || isSameValue(before, after) ? [] : [{ parameter, from: before, to: after }];
  });
}

/** Formats a value: a number with its unit, the title of an option, `not set` for null, `none` for an empty list. */
export function formatParameter(
  value: ParameterValue,
  { unit, titles }: Pick<Parameter, 'unit' | 'titles'>,
): string {
  if (value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = (typeof value === 'object' ? value.join(', ') : (titles[value] ?? String(value))) || 'none';
  return unit ? `${text} ${unit}` : text;
}
