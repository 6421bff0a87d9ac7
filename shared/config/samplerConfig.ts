/** `sampler` of a configuration: how a trained network is sampled. */

import { z } from 'zod';
import { count, natural, fraction } from './configLeaf.ts';

/** The solvers by name, with their evaluations of the field per step; null: the solver chooses its own steps. */
const solvers = {
  euler: 1,
  heun: 2,
  midpoint: 2,
  rk4: 4,
  dopri5: null,
  ddim: 1,
  ancestral: 1,
  'ancestral-undrifted': 1,
  /** In addition, each correction takes one. */
  langevin: 1,
} as const satisfies Record<string, number | null>;
export type SolverName = keyof typeof solvers;
export const solverNames = Object.keys(solvers) as readonly SolverName[];

/** Returns the function evaluations per step, at most; null for a solver that chooses its own steps. */
export function evaluationsPerStep(solver: SolverName, correctorSteps: number): number | null {
  return solver === 'langevin' ? solvers.langevin + correctorSteps : solvers[solver];
}

/** Evaluations that a solver that chooses its steps typically needs. */
export const adaptiveEvaluations = 60;

/** Returns about how many evaluations of the field a sample takes, for estimates of time. */
export function expectedEvaluations({
  solver,
  steps,
  correctorSteps = 1,
}: {
  readonly solver: SolverName;
  readonly steps: number;
  readonly correctorSteps?: number;
}): number {
  const each = evaluationsPerStep(solver, correctorSteps);
  return each === null ? adaptiveEvaluations : each * steps;
}

export const samplerSchema = z.strictObject({
  solver: z.enum(solverNames).default('heun').meta({ title: 'Solver' }),
  steps: count('Solver steps', 50),
  grid: z.enum(['uniform', 'cosine', 'edm', 'shifted']).default('uniform').meta({ title: 'Time grid' }),
  gridRho: z.number().min(1).default(7).meta({ title: 'ρ of the edm grid' }),
  gridShift: z
    .number()
    .positive()
    .default(3)
    .meta({ title: 'Grid shift', help: 'Of the shifted grid; above 1: more steps near the noise.' }),
  tolerance: z
    .number()
    .positive()
    .default(1e-3)
    .meta({ title: 'Tolerance of dopri5', help: 'Error that it tolerates per step.' }),
  eta: fraction('η of ddim', 0, 'Fraction of new noise in each of its steps.'),
  /** Each costs as many evaluations as the image itself. Timofte et al. 2016, “enhanced prediction”. */
  symmetries: z
    .int()
    .min(1)
    .max(8)
    .refine((of) => [1, 2, 8].includes(of), {
      message: 'symmetries must be 1, 2 (mirrored) or 8 (mirrored and rotated)',
    })
    .default(1)
    .meta({
      title: 'Self-ensemble',
      help: 'Averages the posterior mean over the image and its mirror image (2) or its 8 symmetries; 1: off.',
    }),
  correctorSteps: natural('Corrections of langevin', 1, '', 'After each of its steps.'),
  correctorRatio: z
    .number()
    .positive()
    .default(0.16)
    .meta({ title: 'Correction ratio', help: 'Signal-to-noise ratio of a correction by langevin.' }),
});
