/** `path` and `objective` of a configuration: the path from noise to data, what the network predicts, and how its errors are weighted. */

import { z } from 'zod';
import { about, choice, fraction } from './configLeaf.ts';

/** The training images around their classical estimate. */
const measuredSchema = z.strictObject({
  /**
   * Root mean square of the difference to the classical estimate over the unobserved pixels; colours are in [0, 1]. In
   * multiples of the local contrast where the unit is `local`.
   */
  residual: z.number().positive(),
  /** Number of images that were measured. */
  images: z.int().min(1),
});
export type MeasuredResidual = z.infer<typeof measuredSchema>;

export const pathSchema = z
  .strictObject({
    kind: choice(
      'Path',
      { linear: 'Linear', cosine: 'Cosine', 'variance-preserving': 'Variance-preserving' },
      'linear',
      about(
        'How data and noise are mixed on the way from noise to image.',
        'linear for flow matching, cosine for denoisers, variance-preserving for score models',
        'Lipman et al. 2023 (linear); Nichol and Dhariwal 2021 (cosine); Song et al. 2021 (variance-preserving)',
      ),
    ),
    prediction: choice(
      'The network predicts',
      { velocity: 'Velocity', data: 'Image', noise: 'Noise', v: 'v', score: 'Score' },
      'velocity',
      about(
        'What the network is trained to predict; solvers convert it to what they need.',
        'image or velocity; noise for score models',
        'Salimans and Ho 2022',
      ),
    ),
    start: choice(
      'The path starts at',
      { noise: 'Noise', classical: 'Classical estimate' },
      'noise',
      about(
        'Pure noise, or a classical estimate of the image plus noise, from which the way is shorter.',
        'classical estimate for flow matching, noise for denoisers and score models',
        'Albergo et al. 2023',
      ),
    ),
    estimate: choice(
      'Classical estimate',
      { 'thin-plate': 'Thin plate', 'tension-spline': 'Tension spline' },
      'thin-plate',
      about(
        'The interpolation that networks are given, whose error they predict and where the path may start.',
        'thin plate for random pixels; tension spline for holes in photographs',
        'Duchon 1977 (thin plate); Smith and Wessel 1990 (tension)',
      ),
    ),
    startNoise: z
      .number()
      .positive()
      .default(1)
      .meta({
        title: 'Noise at the start',
        ...about(
          'Standard deviation of the noise that the path starts with; wider: more different samples.',
          '1 to 2.5 around a classical estimate, 10 without one, in the unit of the residual',
        ),
      }),
    noise: choice(
      'Kind of noise',
      { white: 'White', pink: 'Pink' },
      'white',
      about(
        'Whether neighbouring pixels of the noise are independent, or alike as those of images are: samples have less grain, and differ in larger parts.',
        'pink for holes in photographs, white for random pixels',
        'Field 1987 (pink)',
      ),
    ),
    residualDeviation: z
      .number()
      .min(0)
      .default(0)
      .meta({
        title: 'Residual deviation',
        ...about(
          'Standard deviation of the data around the classical estimate, with which the state is preconditioned; 0: off.',
          '1, in the unit of the residual',
          'Karras et al. 2022, eq. 7',
        ),
      }),
    unit: choice(
      'Unit of the path',
      { colours: 'Colours', residual: 'Measured residual', local: 'Measured residual, by local contrast' },
      'colours',
      about(
        'Unit of both deviations, of the network’s output and of the loss: colours, or the deviation from the classical estimate that is measured when the run starts; by local contrast, it is smaller where an image is soft.',
        'measured residual, with which one learning rate suits every dataset; by local contrast for photographs, which are soft in one place and hard in another',
        'Jarrett et al. 2009, §3.2 (local contrast)',
      ),
    ),
    /** The value of `unit` in this run. Written when it starts; a new run has none. */
    measured: measuredSchema.nullable().default(null),
  })
  // A straight or cosine path starts at pure noise, where the noise carries no information about the data.
  .refine(
    ({ kind, prediction }) => !['noise', 'score'].includes(prediction) || kind === 'variance-preserving',
    {
      message: 'noise and score need path.kind = variance-preserving',
      path: ['prediction'],
    },
  )
  // Its velocity is unbounded at the data.
  .refine(({ kind, prediction }) => prediction !== 'velocity' || kind !== 'variance-preserving', {
    message: 'variance-preserving needs another prediction than velocity',
    path: ['prediction'],
  });

/** The scales of a path: in colours or, where the unit is `local`, in multiples of the contrast around each pixel. */
export interface PathScales {
  /** The unit of `startNoise` and `residualDeviation` in the configuration. */
  readonly unit: number;
  readonly startNoise: number;
  readonly residualDeviation: number;
}

/**
 * Returns the scales of a path.
 * @throws Error if they are multiples of the measured deviation and nothing has been measured.
 */
export function pathScales(path: z.infer<typeof pathSchema>): PathScales {
  const { startNoise, residualDeviation, measured } = path;
  if (path.unit === 'colours') return { unit: 1, startNoise, residualDeviation };
  if (!measured)
    throw new Error(
      'The unit of the path is the deviation of the training images from the classical estimate, and it has not been measured: path.measured is null, a number above 0 expected. It is measured when the run starts.',
    );
  const unit = measured.residual;
  return { unit, startNoise: startNoise * unit, residualDeviation: residualDeviation * unit };
}

export const objectiveSchema = z
  .strictObject({
    time: choice(
      'Time sampling',
      { uniform: 'Uniform', stratified: 'Stratified', 'logit-normal': 'Logit-normal' },
      'uniform',
      about(
        'How the times of a batch are sampled: independently, one in each of equal parts, or mostly in the middle.',
        'uniform or stratified',
        'Esser et al. 2024, eq. 19 (logit-normal)',
      ),
    ),
    startShare: fraction(
      'Fraction at t = 0',
      0,
      about(
        'Fraction of the batch that is trained at the start of the path, which improves the posterior mean in one evaluation.',
        '0.25 to 0.5',
      ),
    ),
    knownWeight: z
      .number()
      .positive()
      .max(1)
      .default(1)
      .meta({
        title: 'Weight of known pixels',
        ...about(
          'Weight of errors at known pixels, of those that a network predicts with all others; hidden pixels weigh 1. The results have their known values anyway, unless these are noisy.',
          '0.1 to 1; 1 where known values are noisy',
        ),
      }),
    shortcutShare: z
      .number()
      .min(0)
      .max(0.75)
      .default(0)
      .meta({
        title: 'Fraction of shortcuts',
        ...about(
          'Fraction of the batch that is trained to take two steps in one; 0: off. Needs step conditioning of the network.',
          '0.25',
          'Frans et al. 2024',
        ),
      }),
    weighting: choice(
      'Weighting of the loss',
      { none: 'None', 'min-snr': 'Min-SNR', 'sigma-squared': 'σ²' },
      'none',
      about(
        'How the loss is weighted along the path.',
        'none; min-SNR for denoisers, σ² for scores',
        'Hang et al. 2023 (min-SNR); Song and Ermon 2019 (σ²)',
      ),
    ),
    snrLimit: z
      .number()
      .positive()
      .default(5)
      .meta({
        title: 'Largest weight (γ)',
        ...about('Largest signal-to-noise ratio that min-SNR uses as a weight.', '5', 'Hang et al. 2023'),
      }),
    snrFloor: z
      .number()
      .min(0)
      .default(0)
      .meta({
        title: 'Smallest weight',
        ...about('Smallest signal-to-noise ratio that min-SNR uses as a weight.', '0 or 1'),
      }),
  })
  .refine(({ startShare, shortcutShare }) => startShare + shortcutShare <= 1, {
    message: 'startShare and shortcutShare must not exceed 1 together',
    path: ['shortcutShare'],
  });
