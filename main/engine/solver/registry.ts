/** The solvers a configuration can name. */

import type { RunConfig } from '../../../shared/config.ts';
import { euler } from './euler.ts';
import { heun } from './heun.ts';
import type { Solver } from './solver.ts';

export const solvers: Readonly<Record<RunConfig['sampler']['solver'], Solver>> = { euler, heun };
