/** lab presets */

import type { FieldTraits } from '../../../shared/config/networks/network.ts';
import {
  type FieldKind,
  fieldKinds,
  parametersOf,
  traitsOf,
} from '../../../shared/config/networks/registry.ts';
import { presets as all, resolvePreset } from '../../../shared/config/presets.ts';
import type { CommandDefinition } from '../command.ts';
import { formatColumns } from '../format.ts';
import { configPaths, parameterAt, requirePreset } from '../configOptions.ts';

export const presets: CommandDefinition = {
  usage: '[preset]',
  arguments: { '[preset]': 'Name of a preset.' },
  options: {},
  positionals: { min: 0, max: 1 },
  isListing: true,
  async run({ positionals, output }) {
    const [name] = positionals;
    if (name === undefined) {
      const listed = all.map((preset) => ({ ...preset, config: resolvePreset(preset) }));
      output.json({ presets: listed, networks: Object.fromEntries(networkTraits()) });
      output.text(all.map((preset) => `${preset.name}\n  ${preset.description}`).join('\n'));
      output.text(`\nNetworks, chosen by --set field.kind=…\n${networkTable()}`);
      return 0;
    }
    const preset = requirePreset(name);
    const config = resolvePreset(preset);
    output.json({ ...preset, config });
    output.text(
      formatColumns(configPaths(config).map((path) => [path, JSON.stringify(parameterAt(config, path))])),
    );
    const others = fieldKinds.filter((kind) => kind !== config.field.kind);
    output.text('\nParameters of the other networks, chosen by --set field.kind=…');
    output.text(formatColumns(others.map((kind) => [kind, parametersOf(kind).join(', ')])));
    return 0;
  },
};

function networkTraits(): [FieldKind, FieldTraits][] {
  return fieldKinds.map((kind) => [kind, traitsOf(kind)]);
}

/** One line per network: what it predicts, what it accepts and how its cost grows. */
function networkTable(): string {
  const rows = networkTraits().map(([kind, traits]) => [
    kind,
    traits.queries === 'grid' ? 'all pixels' : 'any pixels',
    traits.isResolutionFree ? 'any size' : 'its own size',
    traits.takesAnyKeepRatio ? 'any fraction' : 'its own fraction',
    traits.cost,
    traits.description,
  ]);
  return formatColumns([['network', 'predicts', 'image', 'observed', 'cost grows with', ''], ...rows]);
}
