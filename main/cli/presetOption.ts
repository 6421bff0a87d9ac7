/** A preset by the name the user typed. */

import type { Preset } from '../../shared/config/presets/preset.ts';
import { findPreset, presets } from '../../shared/config/presets/registry.ts';
import { UsageError } from './command.ts';
import { suggestNearest } from './nearest.ts';

/** @throws UsageError naming the presets there are. */
export function requirePreset(name: string): Preset {
  const preset = findPreset(name);
  if (preset) return preset;
  const known = presets.map((candidate) => candidate.name);
  throw new UsageError(`No preset "${name}".${suggestNearest(name, known)} There are ${known.join(', ')}.`);
}
