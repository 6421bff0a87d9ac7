/** lab train */

import { dataSourceForms, parseDataSource, warnOfEnlarging } from '../../../shared/dataset.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunRecord } from '../../../shared/run.ts';
import {
  applyBudget,
  applyOverrides,
  budgetOptions,
  defaultPresetName,
  requirePreset,
} from '../configOptions.ts';
import type { CommandDefinition, OptionValues } from '../command.ts';
import { withCreatedStore } from '../labStore.ts';
import { absoluteSource } from '../typedPaths.ts';
import { readText, readTexts, valueOption } from '../options.ts';
import { reportEnd, trainNewRun } from '../trainingSession.ts';

export const train: CommandDefinition = {
  usage: '[--preset NAME] [--data SOURCE] [--set path=value]…',
  options: {
    preset: valueOption(
      'NAME',
      `One of ${presets.map((preset) => preset.name).join(', ')}, or one that you saved.`,
      `${presets[0].name}, or that of "lab presets default"`,
    ),
    data: valueOption('SOURCE', `Images: ${dataSourceForms}.`, 'synthetic'),
    name: valueOption('TEXT', 'Name of the run.', 'the preset'),
    set: {
      ...valueOption('path=value', 'Set a parameter, such as optim.learningRate=0.001; may be repeated.'),
      multiple: true,
    },
    ...budgetOptions,
  },
  positionals: { min: 0, max: 0 },
  run: async (invocation) => {
    const { values, output } = invocation;
    const config = resolveConfig(values);
    const { source, imageSize } = config.data;
    const warning = warnOfEnlarging(parseDataSource(source).kind, imageSize);
    if (warning !== null) output.note(`Warning: ${warning}`);
    return withCreatedStore(invocation, async (store) => {
      const announce = (run: RunRecord) => {
        output.note(`Run ${run.id} "${run.name}" in ${store.runFolder(run.id)}`);
        output.json({ event: 'created', run });
      };
      const name = readText(values, 'name') ?? config.preset;
      return reportEnd(await trainNewRun(store, { name, config }, { output, announce }), output);
    });
  },
};

/** Returns the preset with --set, --data and the budget applied, in that order. */
export function resolveConfig(values: OptionValues): RunConfig {
  const preset = requirePreset(readText(values, 'preset') ?? defaultPresetName());
  const config = applyOverrides(resolvePreset(preset), readTexts(values, 'set'));
  const source = absoluteSource(readText(values, 'data') ?? config.data.source);
  const withData = { ...config, data: { ...config.data, source } };
  return applyBudget(withData, values) ?? withData;
}
