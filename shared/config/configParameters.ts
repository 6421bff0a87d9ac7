/** The parameters of a run's configuration: their sections, their values by path, and these in words. */

import { type RunConfig, runConfigSchema } from './config.ts';
import { describeSchema, type Parameter, type ParameterValue } from './describeSchema.ts';

/** Without the preset, which is chosen by its card, and the source, which is decided by its data set. */
export const configSections = describeSchema(runConfigSchema)
  .map((section) => ({
    ...section,
    parameters: section.parameters.filter(({ path }) => path !== 'preset' && path !== 'data.source'),
  }))
  .filter(({ parameters }) => parameters.length > 0);

/** Every parameter of the sections. */
export const configParameters: readonly Parameter[] = configSections.flatMap(({ parameters }) => parameters);

export interface Change {
  readonly parameter: Parameter;
  readonly from: ParameterValue;
  readonly to: ParameterValue;
}

type Tree = Readonly<Record<string, unknown>>;

/** The value of a parameter by its path. */
export function valueAt(config: RunConfig, path: string): ParameterValue {
  return path.split('.').reduce<unknown>((tree, key) => (tree as Tree)[key], config) as ParameterValue;
}

/** Lists are the same when they hold the same. */
export function isSameValue(one: ParameterValue, other: ParameterValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Where `to` differs from `from`, in the form's order. */
export function compareConfigs(from: RunConfig, to: RunConfig): readonly Change[] {
  return configParameters
    .map((parameter) => ({
      parameter,
      from: valueAt(from, parameter.path),
      to: valueAt(to, parameter.path),
    }))
    .filter((change) => !isSameValue(change.from, change.to));
}

/** With its unit; `not set` for null, `none` for an empty list. */
export function formatParameter(value: ParameterValue, unit: string): string {
  if (value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = (typeof value === 'object' ? value.join(', ') : String(value)) || 'none';
  return unit ? `${text} ${unit}` : text;
}
