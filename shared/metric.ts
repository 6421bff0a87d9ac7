/** Metric names, units and the rows every table is made of. */

import { z } from 'zod';
import { anyNumber } from './numbers/nonFinite.ts';
import { meanPsnr } from './numbers/psnrMean.ts';

/** How a number was measured; two rows compare only when their protocols agree. */
export const protocolSchema = z.strictObject({
  source: z.string(),
  datasetChecksum: z.string(),
  split: z.enum(['train', 'test']),
  images: z.int(),
  imageSize: z.int(),
  maskLaw: z.enum(['numpy', 'counter']),
  maskSeed: z.int(),
  keepRatio: z.number(),
  observedPixels: z.int(),
  pasted: z.boolean(),
  range: z.tuple([z.number(), z.number()]),
  ssimWindow: z.literal('uniform 7×7'),
  ssimGaussianWindow: z.literal('Gaussian σ 1.5, 11×11'),
  psnrMean: z.literal('per image, then averaged'),
  /** Seed of the starting noise of every sample; null in evaluations of metric version 1, which did not note it. */
  noiseSeed: z.int().nullable().default(null),
  metricVersion: z.int(),
});
export type Protocol = z.infer<typeof protocolSchema>;

/**
 * Raised when the meaning or the set of metrics changes. 2: distribution scores, observed pixels, power spectrum,
 * intervals and numbers per image came; those of version 1 mean what they meant, and what it lacks is read as null.
 */
export const metricVersion = 2;

/** Finite or infinite: a measure that is not a number was never taken. */
const measured = anyNumber.refine((value) => !Number.isNaN(value), 'expected a number other than NaN');

const intervalSchema = z.tuple([z.number(), z.number()]).readonly();

/** How well several samples tell what is likely. All of it over the values of the unobserved pixels, samples clamped. */
export const distributionSchema = z.strictObject({
  /** Fair in the number of samples, in units of the pixel values; the smaller, the better. */
  crps: z.number(),
  /** The same for whole images, distances as root mean squares. */
  energyScore: z.number(),
  /** Shares of the truth inside the central intervals of these probabilities. */
  coverage50: z.number(),
  coverage80: z.number(),
  coverage90: z.number(),
  /** Root of the samples' mean variance. */
  spread: z.number(),
  /** 1 when calibrated; infinite where the mean is exact and the samples differ; null where nothing differs: 0 / 0. */
  spreadSkill: measured.nullable(),
  /** Mean 1 − SSIM between two samples of an image; 0: all alike. Over whole images. */
  diversity: z.number(),
  /** Shares of the ranks 0 … N of the truth among N samples; flat when calibrated. */
  rankHistogram: z.array(z.number()),
});
export type Distribution = z.infer<typeof distributionSchema>;

/** One number an image, in the order of the protocol's images, for paired comparisons. A PSNR is infinite where an image is exact. */
export const perImageSchema = z.strictObject({
  psnr: z.array(measured.nullable()),
  /** null where every pixel is observed. */
  psnrUnobserved: z.array(measured.nullable()),
  ssim: z.array(z.number()),
  mse: z.array(z.number()),
  mae: z.array(z.number()),
  /** null for methods of a single image. */
  crps: z.array(z.number()).nullable(),
});
export type PerImage = z.infer<typeof perImageSchema>;

/** How a field was sampled, beside solver and steps: whatever the command line can choose. */
export const samplingSchema = z.strictObject({
  grid: z.string(),
  /** Share of fresh noise in ddim. */
  eta: z.number(),
  tolerance: z.number(),
  corrections: z.int(),
  /** Of a posterior mean; samples are never averaged over them. */
  symmetries: z.int(),
  /** An average of the weights by its decay, or those of the last step; null: the run's main average, or what it has. */
  weights: z.union([z.number(), z.literal('off')]).nullable(),
});
export type Sampling = Readonly<z.infer<typeof samplingSchema>>;

const storedRowSchema = z.strictObject({
  /** e.g. `thin plate`, `flow · posterior mean (1 NFE)`. */
  method: z.string(),
  /** Function evaluations of the field per sample; 0 for classical methods. */
  nfe: z.int(),
  /** Samples averaged into the scored image; 0 for classical methods. */
  samples: z.int(),
  /**
   * dB, data range 1, per image then averaged over the images that are not exact; infinite where all are. null: not known,
   * because an older version did not average where some were exact.
   */
  psnr: measured.nullable(),
  /** Images that are exact; null: not known. Rows of older versions lack it, see upgradeRow. */
  exactImages: z.int().nullable().default(null),
  ssim: z.number(),
  ssimGaussian: z.number(),
  /** dB on the unobserved pixels only, averaged likewise; null: not known, or every pixel is observed. */
  psnrUnobserved: measured.nullable(),
  exactUnobserved: z.int().nullable().default(null),
  mse: z.number(),
  mae: z.number(),
  /** Wall seconds for all images of the protocol. */
  seconds: z.number(),
  // Since metric version 2; null in older rows, and where a method has no such number.
  /** 95 % bootstrap intervals of the means over images; null where fewer than two are averaged. */
  psnrInterval: intervalSchema.nullable().default(null),
  ssimInterval: intervalSchema.nullable().default(null),
  /** Root mean squared error at the observed pixels, before any are pasted. */
  rmseObserved: z.number().nullable().default(null),
  /** dB between the radial power spectra of results and truth, root mean square over frequencies. */
  spectrumError: z.number().nullable().default(null),
  /** null for methods of a single image. */
  distribution: distributionSchema.nullable().default(null),
  /** Solver and its steps; null for classical methods. */
  solver: z.string().nullable().default(null),
  solverSteps: z.int().nullable().default(null),
  /** null for classical methods, and in evaluations that did not note it. */
  sampling: samplingSchema.nullable().default(null),
  /** Trainable numbers of the network, and training images it had seen (with repetition); null for classical methods. */
  parameters: z.int().nullable().default(null),
  imagesSeen: z.int().nullable().default(null),
  perImage: perImageSchema.nullable().default(null),
});
type StoredRow = z.infer<typeof storedRowSchema>;

/** One row of a comparison table: a classical method or a sampled field. */
export const evaluationRowSchema = storedRowSchema.transform(upgradeRow);
export type EvaluationRow = StoredRow;

/** Older versions wrote null for an infinite number, and for a mean as soon as one image was exact. */
function upgradeRow(row: StoredRow): StoredRow {
  if (row.exactImages !== null) return row;
  const { perImage, distribution, mse } = row;
  const toInfinite = (values: readonly (number | null)[]) => values.map((value) => value ?? Infinity);
  const all = perImage && {
    ...perImage,
    psnr: toInfinite(perImage.psnr),
    psnrUnobserved: toInfinite(perImage.psnrUnobserved),
  };
  const average = (mean: number | null, values: readonly number[] | undefined) => {
    if (mean !== null) return { mean, exact: 0 };
    if (mse === 0) return { mean: Infinity, exact: values?.length ?? null };
    return values && values.length > 0 ? meanPsnr(values) : { mean: null, exact: null };
  };
  const [psnr, unobserved] = [average(row.psnr, all?.psnr), average(row.psnrUnobserved, all?.psnrUnobserved)];
  const spreadSkill = distribution && distribution.spread > 0 ? Infinity : null;
  return {
    ...row,
    psnr: psnr.mean,
    exactImages: psnr.exact,
    psnrUnobserved: unobserved.mean,
    exactUnobserved: unobserved.exact,
    perImage: all,
    distribution: distribution && {
      ...distribution,
      spreadSkill: distribution.spreadSkill ?? spreadSkill,
    },
  };
}

export const evaluationSchema = z.strictObject({
  protocol: protocolSchema,
  rows: z.array(evaluationRowSchema),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** Scalars a run logs per step or per evaluation, with the unit a chart shows. */
export const metricUnits = {
  loss: '',
  gradNorm: '',
  learningRate: '',
  'evaluation/mse': '',
  'evaluation/mae': '',
  'evaluation/psnr': 'dB',
  'evaluation/ssim': '',
} as const;
export type MetricName = keyof typeof metricUnits;

/** One logged number. `processSeconds` counts training time over all segments of the run, `wallTime` is ms since 1970 (UTC). */
export interface MetricPoint {
  readonly step: number;
  readonly name: MetricName;
  readonly value: number;
  readonly processSeconds: number;
  readonly wallTime: number;
}
