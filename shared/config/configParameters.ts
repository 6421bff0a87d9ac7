/** The parameters of a run's configuration: their sections, their values by path, and values as text. */

import { type RunConfig, runConfigSchema } from './config.ts';
import { fieldKinds, usesParameter } from './networks/registry.ts';
import { describeSchema, type Parameter, type ParameterValue } from './describeSchema.ts';

/** All sections, without the preset, which has a card of its own, and the source, which the dataset determines. */
export const configSections = describeSchema(runConfigSchema)
  .map((section) => ({
    ...section,
    parameters: section.parameters.filter(({ path }) => path !== 'preset' && path !== 'data.source'),
  }))
  .filter(({ parameters }) => parameters.length > 0);

/** All parameters of the sections. */
export const configParameters: readonly Parameter[] = configSections.flatMap(({ parameters }) => parameters);

export interface Change {
  readonly parameter: Parameter;
  readonly from: ParameterValue;
  readonly to: ParameterValue;
}

/** Returns whether a parameter affects a run with this network; other networks' parameters are stored but not used. */
export function isParameterUsed(path: string, network: string): boolean {
  if (!path.startsWith('field.')) return true;
  const kind = fieldKinds.find((name) => name === network);
  return kind === undefined || usesParameter(kind, path.slice('field.'.length));
}

type Tree = Readonly<Record<string, unknown>>;

/** Returns the value of a parameter by its path. */
export function valueAt(config: RunConfig, path: string): ParameterValue {
  return path.split('.').reduce<unknown>((tree, key) => (tree as Tree)[key], config) as ParameterValue;
}

/** Returns whether two values are equal; lists are compared by their members. */
export function isSameValue(one: ParameterValue, other: ParameterValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns the parameters in which `to` differs from `from`, in the order of the form. */
export function compareConfigs(from: RunConfig, to: RunConfig): readonly Change[] {
  return configParameters
    .map((parameter) => ({
      parameter,
      from: valueAt(from, parameter.path),
      to: valueAt(to, parameter.path),
    }))
    .filter((change) => !isSameValue(change.from, change.to));
}

/** Formats a value with its unit; `not set` for null, `none` for an empty list. */
export function formatParameter(value: ParameterValue, unit: string): string {
  if (value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = (typeof value === 'object' ? value.join(', ') : String(value)) || 'none';
  return unit ? `${text} ${unit}` : text;
}
