/** A run's configuration as rows of a table, compared with its preset. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { findPreset, resolvePreset } from '../../../shared/config/presets.ts';
import {
  configSections,
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

/** Returns a row for every parameter of the configuration; if the preset is unknown, none differs. */
export function configRows(config: RunConfig): ConfigRow[] {
  const preset = findPreset(config.preset);
  const original = preset ? resolvePreset(preset) : config;
  return configSections.flatMap(({ title: section, parameters }) =>
    parameters.flatMap(({ path, title, unit }) => {
      const value = valueAt(config, path);
      if (value === undefined) return [];
      const before = startingValue(original, path);
      const presetText = isSameValue(before, value) ? null : formatParameter(before, unit);
      return [{ path, title, section, text: formatParameter(value, unit), presetText }];
    }),
  );
}

/** Returns the rows that contain all search terms in title, path, section or value, ignoring case. */
export function searchRows(rows: readonly ConfigRow[], text: string): ConfigRow[] {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ path, title, section, text: value }) => {
    const haystack = `${title} ${path} ${section} ${value}`.toLowerCase();
    return terms.every((term) => haystack.includes(term));
  });
}
