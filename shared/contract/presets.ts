/** Requests about the presets that the user saved. */

import { z } from 'zod';
import { runConfigSchema } from '../config/config.ts';
import {
  largestPresetFile,
  presetDescriptionSchema,
  type PresetLibrary,
  presetNameSchema,
  presetTitleSchema,
  type SavedPreset,
} from '../config/savedPresets.ts';
import { answers } from './define.ts';

const texts = { title: presetTitleSchema, description: presetDescriptionSchema.default('') };

export const presetRequests = {
  'presets.list': answers<PresetLibrary>()(z.strictObject({})),
  /** Saves a configuration. `replaces`: the preset that may be overwritten. */
  'presets.save': answers<SavedPreset>()(
    z.strictObject({
      ...texts,
      config: runConfigSchema,
      replaces: presetNameSchema.nullable().default(null),
    }),
  ),
  'presets.rename': answers<SavedPreset>()(z.strictObject({ name: presetNameSchema, ...texts })),
  /** Returns what was deleted, so that it can be saved again. */
  'presets.delete': answers<SavedPreset>()(z.strictObject({ name: presetNameSchema })),
  /** Saves a preset from the text of an exported file; a title that is taken gets a number. */
  'presets.import': answers<SavedPreset>()(z.strictObject({ text: z.string().max(largestPresetFile) })),
  /** Chooses what a new run starts from; null: the first preset of the program. */
  'presets.chooseDefault': answers<null>()(z.strictObject({ name: presetNameSchema.nullable() })),
} as const;
