/** Compares the configurations of several runs, parameter by parameter. */

import type { ComparedRun } from './comparison.ts';
import { formatParameter, isSameValue, listConfigSections, valueAt } from '../config/configParameters.ts';
import { titleOfPreset } from '../config/presets.ts';

export interface ParameterLine {
  readonly section: string;
  /** From the root of the configuration, e.g. `optim.learningRate`. */
  readonly path: string;
  readonly title: string;
  /** One per run, with its unit; a dash where the network of the run does not have the parameter. */
  readonly texts: readonly string[];
  /** Whether any two runs have different values, or only one of them has the parameter. */
  readonly differs: boolean;
}

/**
 * Returns every parameter that one of the runs has, in the order of the schema; preset and data source first, the source
 * without its folders.
 */
export function parameterDifferences(
  runs: readonly Pick<ComparedRun, 'summary' | 'config'>[],
): ParameterLine[] {
  const parameters = listConfigSections().flatMap(({ title: section, parameters: own }) =>
    own.flatMap((parameter) => {
      const { path, title } = parameter;
      const values = runs.map(({ config }) => valueAt(config, path));
      if (values.every((value) => value === undefined)) return [];
      const texts = values.map((value) => (value === undefined ? '–' : formatParameter(value, parameter)));
      const differs = values.some((value) => !isSameValue(value, values[0]));
      return [{ section, path, title, texts, differs }];
    }),
  );
  return [
    textLine(
      'preset',
      'Preset',
      runs.map(({ config }) => titleOfPreset(config.preset)),
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
