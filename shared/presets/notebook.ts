/**
 * The notebook's numbers, defects included (no token kinds, time added to colours, queries without their state, frozen
 * masks, a plain decoder): the baseline for ever. Every value is the default of the schema.
 */

import type { Preset } from './preset.ts';

export const notebook: Preset = {
  name: 'notebook',
  title: 'Notebook',
  description:
    'The notebook exactly, defects included: Perceiver IO, 512 latents × 512, batch 64, 100 epochs. Wants a GPU.',
  config: {},
};
