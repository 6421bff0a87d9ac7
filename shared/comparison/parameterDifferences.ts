/** Compares the configurations of several runs, parameter by parameter. */

import type { ComparedRun } from './comparison.ts';
import { configSections, formatParameter, isSameValue, valueAt } from '../config/configParameters.ts';

export interface ParameterLine {
  readonly section: string;
  /** From the root of the configuration, e.g. `optim.learningRate`. */
  readonly path: string;
  readonly title: string;
  /** One a run, with its unit. */
  readonly texts: readonly string[];
  /** Whether any two runs have different values. */
  readonly differs: boolean;
}

/** Every parameter in the order of the schema; preset and data source first, the source without its folders. */
export function parameterDifferences(
  runs: readonly Pick<ComparedRun, 'summary' | 'config'>[],
): ParameterLine[] {
  const parameters = configSections.flatMap(({ title: section, parameters: own }) =>
    own.map(({ path, title, unit }) => {
      const values = runs.map(({ config }) => valueAt(config, path));
      return {
        section,
        path,
        title,
        texts: values.map((value) => formatParameter(value, unit)),
        differs: values.some((value) => !isSameValue(value, values[0])),
      };
    }),
  );
  return [
    textLine(
      'preset',
      'Preset',
      runs.map(({ config }) => config.preset),
    ),
    textLine(
      'data.source',
      'Data source',
      runs.map(({ summary }) => summary.source),
    ),
    ...parameters,
  ];
}

function textLine(path: string, title: string, texts: readonly string[]): ParameterLine {
  return { section: 'General', path, title, texts, differs: texts.some((text) => text !== texts[0]) };
}
