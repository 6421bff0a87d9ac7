/** The default network with shortcuts: samples in four evaluations. */

import { laptop } from './laptop.ts';
import type { Preset } from './preset.ts';

export const fewSteps: Preset = {
  name: 'few-steps',
  title: 'Few steps',
  description:
    'Ten minutes on two CPU cores. The U-Net of the default preset is told the size of its step and learns to take two in one: samples in 1, 2, 4 or 8 Euler steps, and the posterior mean in one evaluation as before. It starts wide around the thin plate, so that samples differ.',
  config: {
    ...laptop.config,
    field: { ...laptop.config.field, stepConditioning: true },
    path: { prediction: 'velocity', start: 'classical', startNoise: 0.25, residualDeviation: 0.1 },
    objective: { time: 'stratified', startShare: 0.25, shortcutShare: 0.25 },
    sampler: { ...laptop.config.sampler, solver: 'euler', steps: 4 },
  },
};
