/** A run's configuration as rows to read: what differs from its preset first. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { findPreset, resolvePreset } from '../../../shared/config/presets/registry.ts';
import {
  configSections,
  formatParameter,
  isSameValue,
  valueAt,
} from '../../../shared/config/configParameters.ts';

export interface ConfigRow {
  readonly path: string;
  readonly title: string;
  readonly section: string;
  /** With its unit. */
  readonly text: string;
  /** The preset's value with its unit; null: the same, or no such preset. */
  readonly presetText: string | null;
}

/** Every parameter; where there is no such preset, none differs. */
export function configRows(config: RunConfig): ConfigRow[] {
  const preset = findPreset(config.preset);
  const original = preset ? resolvePreset(preset) : config;
  return configSections.flatMap(({ title: section, parameters }) =>
    parameters.map(({ path, title, unit }) => {
      const value = valueAt(config, path);
      const before = valueAt(original, path);
      const presetText = isSameValue(before, value) ? null : formatParameter(before, unit);
      return { path, title, section, text: formatParameter(value, unit), presetText };
    }),
  );
}

/** Rows that hold all words in title, path, section or value; capitals do not matter. */
export function searchRows(rows: readonly ConfigRow[], text: string): ConfigRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ path, title, section, text: value }) => {
    const hay = `${title} ${path} ${section} ${value}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}
