/** Specifications of sweeps over the preset `tiny`. */

import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import { type SweepSpec, type SweepSpecInput, sweepSpecSchema } from '../../../shared/sweep/sweep.ts';

export function exampleSpec(changes: Partial<SweepSpecInput> = {}): SweepSpec {
  return sweepSpecSchema.parse({
    name: 'rates',
    base: resolvePreset(tiny),
    axes: [
      { kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3, 4e-3] },
      { kind: 'list', path: 'field.dim', values: [32, 64] },
    ],
    budget: { steps: 100 },
    ...changes,
  });
}
