/** The presets by name, the first is the default. */

import { type RunConfig, type RunConfigInput, runConfigSchema } from '../config.ts';
import { denoiser } from './denoiser.ts';
import { fewSteps } from './fewSteps.ts';
import { laptop } from './laptop.ts';
import { notebook } from './notebook.ts';
import { notebookDenoiser } from './notebookDenoiser.ts';
import { notebookScore } from './notebookScore.ts';
import type { Preset } from './preset.ts';
import { score } from './score.ts';
import { small } from './small.ts';
import { tiny } from './tiny.ts';

export const presets: readonly Preset[] = [
  laptop,
  fewSteps,
  tiny,
  small,
  denoiser,
  score,
  notebook,
  notebookDenoiser,
  notebookScore,
];

export function findPreset(name: string): Preset | undefined {
  return presets.find((preset) => preset.name === name);
}

/** The preset's configuration with every default filled in. */
export function resolvePreset(preset: Preset): RunConfig {
  const data: RunConfigInput['data'] = { folderLayout: 'honoured', ...preset.config.data };
  const input: RunConfigInput = { ...preset.config, preset: preset.name, data };
  return runConfigSchema.parse(input);
}
