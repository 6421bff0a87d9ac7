/** lab presets */

import { presets as all, resolvePreset } from '../../../shared/presets/registry.ts';
import type { Command } from '../command.ts';
import { formatColumns } from '../format.ts';
import { configPaths, parameterAt } from '../overrides.ts';
import { requirePreset } from '../presetOption.ts';

export const presets: Command = {
  name: 'presets',
  summary: 'List the presets, or every parameter of one.',
  usage: '[preset]',
  options: {},
  positionals: { min: 0, max: 1 },
  async run({ positionals, output }) {
    const [name] = positionals;
    if (name === undefined) {
      output.json({ presets: all.map((preset) => ({ ...preset, config: resolvePreset(preset) })) });
      output.text(all.map((preset) => `${preset.name}\n  ${preset.description}`).join('\n'));
      return 0;
    }
    const preset = requirePreset(name);
    const config = resolvePreset(preset);
    output.json({ ...preset, config });
    output.text(
      formatColumns(configPaths(config).map((path) => [path, JSON.stringify(parameterAt(config, path))])),
    );
    return 0;
  },
};
