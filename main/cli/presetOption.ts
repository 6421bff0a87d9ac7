/** A preset by the name the user typed. */

import type { Preset } from '../../shared/presets/preset.ts';
import { findPreset, presets } from '../../shared/presets/registry.ts';
import { UsageError } from './command.ts';
import { suggestNearest } from './nearest.ts';

/** @throws UsageError naming the presets there are. */
export function requirePreset(name: string): Preset {
  const preset = findPreset(name);
  if (preset) return preset;
  const known = presets.map((candidate) => candidate.name);
  throw new UsageError(`No preset "${name}".${suggestNearest(name, known)} There are ${known.join(', ')}.`);
}
