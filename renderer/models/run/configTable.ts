/** A run's configuration as rows of a table, compared with its preset. */

import { formatSignificant } from '../../../shared/text/format.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { findPreset, type Preset, resolvePreset } from '../../../shared/config/presets.ts';
import {
  listConfigSections,
  formatParameter,
  isSameValue,
  startingValue,
  valueAt,
} from '../../../shared/config/configParameters.ts';

export interface ConfigRow {
  readonly path: string;
  readonly title: string;
  readonly section: string;
  /** With its unit. */
  readonly text: string;
  /** The preset's value with its unit; null if it is the same or the preset is unknown. */
  readonly presetText: string | null;
}

/**
 * Returns a row for every parameter of the configuration; if the preset is unknown, none differs.
 * @param find Returns a preset of the program or of the user.
 */
export function configRows(
  config: RunConfig,
  find: (name: string) => Preset | undefined = findPreset,
): ConfigRow[] {
  const preset = find(config.preset);
  const original = preset ? resolvePreset(preset) : config;
  return listConfigSections().flatMap(({ key, title: section, parameters }) => [
    ...parameters.flatMap((parameter) => {
      const { path, title } = parameter;
      const value = valueAt(config, path);
      if (value === undefined) return [];
      const before = startingValue(original, path);
      const presetText = isSameValue(before, value) ? null : formatParameter(before, parameter);
      return [{ path, title, section, text: formatParameter(value, parameter), presetText }];
    }),
    ...(key === 'path' ? measuredRows(config, section) : []),
  ]);
}

/** The unit of the path as it was measured: a value of the run, not of its preset. */
function measuredRows({ path: { unit, measured } }: RunConfig, section: string): ConfigRow[] {
  if (unit === 'colours') return [];
  const title = 'Measured deviation from the classical estimate';
  const text = measured ? formatSignificant(measured.residual, 3) : 'measured at the start';
  return [{ path: 'path.measured.residual', title, section, text, presetText: null }];
}

/** Returns the rows that contain all search terms in title, path, section or value, ignoring case. */
export function searchRows(rows: readonly ConfigRow[], text: string): ConfigRow[] {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ path, title, section, text: value }) => {
    const haystack = `${title} ${path} ${section} ${value}`.toLowerCase();
    return terms.every((term) => haystack.includes(term));
  });
}
