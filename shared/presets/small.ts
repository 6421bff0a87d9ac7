/** The notebook's family at a size that trains on a workstation's CPU. */

import type { Preset } from './preset.ts';

export const small: Preset = {
  name: 'small',
  title: 'Small',
  description:
    'The upgraded Perceiver at 128 latents × 128: an hour on a CPU. Queries carry the state, adaptive time, residual over the thin plate.',
  config: {},
};
