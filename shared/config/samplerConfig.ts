/** `sampler` of a configuration: how a trained network is sampled. */

import { z } from 'zod';
import { about, choice, count, natural, fraction } from './configLeaf.ts';

interface SolverTraits {
  /** As papers write it. */
  readonly title: string;
  /** Of the field per step; null: the solver chooses its own steps. */
  readonly evaluations: number | null;
}

/** The solvers by name. */
const solvers = {
  euler: { title: 'Euler', evaluations: 1 },
  heun: { title: 'Heun', evaluations: 2 },
  midpoint: { title: 'Midpoint', evaluations: 2 },
  rk4: { title: 'RK4', evaluations: 4 },
  dopri5: { title: 'DOPRI5', evaluations: null },
  ddim: { title: 'DDIM', evaluations: 1 },
  ancestral: { title: 'Ancestral', evaluations: 1 },
  'ancestral-undrifted': { title: 'Ancestral, undrifted', evaluations: 1 },
  /** In addition, each correction takes one. */
  langevin: { title: 'Langevin', evaluations: 1 },
} as const satisfies Record<string, SolverTraits>;
export type SolverName = keyof typeof solvers;
export const solverNames = Object.keys(solvers) as readonly SolverName[];
/** For lists to choose from. */
export const solverChoices = solverNames.map((value) => ({ value, title: solvers[value].title }));

const titlesOfSolvers = Object.fromEntries(solverChoices.map(({ value, title }) => [value, title])) as Record<
  SolverName,
  string
>;

/** Returns the title of a solver; a name that this version does not know, unchanged. */
export function titleOfSolver(name: string): string {
  return solverChoices.find(({ value }) => value === name)?.title ?? name;
}

/** Returns the function evaluations per step, at most; null for a solver that chooses its own steps. */
export function evaluationsPerStep(solver: SolverName, correctorSteps: number): number | null {
  const { evaluations } = solvers[solver];
  return solver === 'langevin' ? solvers.langevin.evaluations + correctorSteps : evaluations;
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
  solver: choice(
    'Solver',
    titlesOfSolvers,
    'heun',
    about(
      'How samples are computed from the trained network.',
      'Heun; Euler with shortcuts, DDIM for denoisers, ancestral or Langevin for score models',
      'Karras et al. 2022 (Heun); Dormand and Prince 1980 (DOPRI5); Song, Meng and Ermon 2021 (DDIM); Song et al. 2021 (ancestral, Langevin)',
    ),
  ),
  steps: count(
    'Solver steps',
    50,
    about('Steps from noise to image; some solvers evaluate the network several times in each.', '4 to 50'),
  ),
  grid: choice(
    'Time grid',
    { uniform: 'Uniform', cosine: 'Cosine', edm: 'EDM', shifted: 'Shifted' },
    'uniform',
    about(
      'Where along the path the steps are short: nowhere, at both ends, by the ratio of noise to data, or near the noise.',
      'uniform',
      'Karras et al. 2022, eq. 5 (EDM); Esser et al. 2024, eq. 23 (shifted)',
    ),
  ),
  gridRho: z
    .number()
    .min(1)
    .default(7)
    .meta({
      title: 'ρ of the EDM grid',
      ...about('Larger: shorter steps near the data.', '7', 'Karras et al. 2022, eq. 5'),
    }),
  gridShift: z
    .number()
    .positive()
    .default(3)
    .meta({
      title: 'Grid shift',
      ...about('Of the shifted grid; above 1: more steps near the noise.', '3', 'Esser et al. 2024, eq. 23'),
    }),
  tolerance: z
    .number()
    .positive()
    .default(1e-3)
    .meta({
      title: 'Tolerance of DOPRI5',
      ...about(
        'Error that it tolerates per step; smaller: more steps.',
        '1e-3 to 1e-2',
        'Dormand and Prince 1980',
      ),
    }),
  eta: fraction(
    'η of DDIM',
    0,
    about(
      'Fraction of new noise in each of its steps.',
      '0: none; 1: as much as an ancestral step',
      'Song, Meng and Ermon 2021',
    ),
  ),
  /** Each costs as many evaluations as the image itself. Timofte et al. 2016, “enhanced prediction”. */
  symmetries: z
    .int()
    .min(1)
    .max(8)
    .refine((of) => [1, 2, 8].includes(of), {
      message: 'symmetries must be 1, 2 (mirrored) or 8 (mirrored and turned)',
    })
    .default(1)
    .meta({
      title: 'Self-ensemble',
      ...about(
        'Averages the posterior mean over the image and its mirror image (2) or its 8 symmetries; 1: off. Takes as many times as long.',
        '1 or 2',
        'Timofte et al. 2016',
      ),
    }),
  correctorSteps: natural(
    'Corrections of Langevin',
    1,
    about('Corrections after each of its steps; each is one more evaluation.', '1', 'Song et al. 2021'),
  ),
  correctorRatio: z
    .number()
    .positive()
    .default(0.16)
    .meta({
      title: 'Correction ratio',
      ...about('Signal-to-noise ratio of a correction by Langevin.', '0.16', 'Song et al. 2021'),
    }),
});

/** Returns what a posterior mean is averaged over, `mirrored` or `mirrored and turned`; null where it is that of the image alone. */
export function describeSymmetries(symmetries: number): string | null {
  if (symmetries === 1) return null;
  return symmetries === 2 ? 'mirrored' : 'mirrored and turned';
}
