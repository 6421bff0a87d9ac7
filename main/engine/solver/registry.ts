/** The solvers a configuration can name, each made for its settings. */

import type { SamplerConfig } from '../../../shared/config/config.ts';
import { ancestral } from './ancestral.ts';
import { ancestralUndrifted } from './ancestralUndrifted.ts';
import { createDdim } from './ddim.ts';
import { createDopri5 } from './dopri5.ts';
import { euler } from './euler.ts';
import { heun } from './heun.ts';
import { createLangevin } from './langevin.ts';
import { midpoint } from './midpoint.ts';
import { rk4 } from './rk4.ts';
import type { Solver } from './solver.ts';

export const solvers: Readonly<Record<SamplerConfig['solver'], (settings: SamplerConfig) => Solver>> = {
  euler: () => euler,
  heun: () => heun,
  midpoint: () => midpoint,
  rk4: () => rk4,
  dopri5: ({ tolerance }) => createDopri5(tolerance),
  ddim: ({ eta }) => createDdim(eta),
  ancestral: () => ancestral,
  'ancestral-undrifted': () => ancestralUndrifted,
  langevin: ({ correctorSteps, correctorRatio }) =>
    createLangevin({ steps: correctorSteps, ratio: correctorRatio }),
};
