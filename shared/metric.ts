/** Metrics: what they are called and how they are stored, and the evaluations that tables are made of. */

import { z } from 'zod';
import { bayerPhases, type LawSettings, maskLawNames, type MaskSettings, usedOptions } from './masks/laws.ts';
import { anyNumber } from './numbers/anyNumber.ts';
import { meanPsnr } from './numbers/psnrMean.ts';

/** How a number was measured; two rows compare only when their protocols agree. */
export const protocolSchema = z.strictObject({
  source: z.string(),
  datasetChecksum: z.string(),
  split: z.enum(['train', 'test']),
  images: z.int(),
  imageSize: z.int(),
  maskLaw: z.enum(maskLawNames),
  /** Options of the law; absent where the law lacks them, or they have their default. */
  maskMarkSize: z.number().optional(),
  maskBlocks: z.int().optional(),
  /** The text of a mixture, with the law `mixture` only. */
  maskMixture: z.string().optional(),
  maskPhase: z.enum(bayerPhases).optional(),
  maskSeed: z.int(),
  /**
   * Expected fraction where every law of a mixture has its own; of the values where one channel of each pixel is observed.
   */
  keepRatio: z.number(),
  /** Of an image; of a mixture the mean over the images, rounded. */
  observedPixels: z.int(),
  /** Standard deviation of the Gaussian noise on observed values; absent: none. */
  observationNoise: z.number().optional(),
  /** Whether results carry the observed values, which they never do if these are noisy. */
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

/** The part of a protocol that is chosen before the data is opened. */
export type PlannedProtocol = Readonly<
  Pick<
    Protocol,
    | 'source'
    | 'split'
    | 'imageSize'
    | 'maskLaw'
    | 'maskMarkSize'
    | 'maskBlocks'
    | 'maskMixture'
    | 'maskPhase'
    | 'maskSeed'
    | 'keepRatio'
    | 'observationNoise'
    | 'pasted'
    | 'noiseSeed'
  >
>;

/** Returns the part of a protocol that names a law with its options. */
export function protocolMask(
  settings: LawSettings,
): Pick<Protocol, 'maskLaw' | 'maskMarkSize' | 'maskBlocks' | 'maskMixture' | 'maskPhase'> {
  const { markSize, blocks, mixture, phase } = usedOptions(settings);
  return {
    maskLaw: settings.law,
    ...(markSize !== undefined && { maskMarkSize: markSize }),
    ...(blocks !== undefined && { maskBlocks: blocks }),
    ...(mixture !== undefined && { maskMixture: mixture }),
    ...(phase !== undefined && { maskPhase: phase }),
  };
}

/** Returns the part of a protocol that says how values are observed; `pasted` is what is wanted if they are exact. */
export function protocolNoise(
  deviation: number,
  { pasted }: { readonly pasted: boolean },
): Pick<Protocol, 'observationNoise' | 'pasted'> {
  return deviation === 0 ? { pasted } : { observationNoise: deviation, pasted: false };
}

/** Returns the law, options and seed of a protocol's masks. */
export function maskOfProtocol({
  maskLaw,
  maskMarkSize,
  maskBlocks,
  maskMixture,
  maskPhase,
  maskSeed,
  keepRatio,
}: PlannedProtocol): MaskSettings & { readonly seed: number } {
  const options = { markSize: maskMarkSize, blocks: maskBlocks, mixture: maskMixture, phase: maskPhase };
  return { law: maskLaw, ...options, seed: maskSeed, keepRatio };
}

/**
 * Returns the fraction of observed pixels, for display: of a mixture the mean over its images; of the observed values where
 * one channel of each pixel is observed.
 */
export function observedFraction({ maskLaw, keepRatio, observedPixels, imageSize }: Protocol): number {
  return maskLaw === 'mixture' ? observedPixels / imageSize ** 2 : keepRatio;
}

/** Describes what is observed: `20 % observed`, or `one channel per pixel`. */
export function describeObserved(protocol: Protocol): string {
  if (protocol.maskLaw === 'bayer') return 'one channel per pixel';
  return `${Number((100 * observedFraction(protocol)).toFixed(2))} % observed`;
}

/** Returns the title of a figure: `20 % of the pixels observed`, or `one channel of each pixel observed`. */
export function titleOfObserved(protocol: Protocol): string {
  if (protocol.maskLaw === 'bayer') return 'one channel of each pixel observed';
  return `${Math.round(100 * observedFraction(protocol))} % of the pixels observed`;
}

/**
 * Raised when the meaning or the set of metrics changes. 2: distribution scores, observed pixels, power spectrum,
 * intervals and numbers per image came; those of version 1 mean what they meant, and what it lacks is read as null.
 */
export const metricVersion = 2;

/** Finite or infinite: a metric that is not a number was never computed. */
const measured = anyNumber.refine((value) => !Number.isNaN(value), 'expected a number other than NaN');

const intervalSchema = z.tuple([z.number(), z.number()]).readonly();

/**
 * Everything that schemas, tables and charts need to know of one metric. To add a metric, describe it here and compute it
 * in `main/engine/metrics/scoreImages.ts`, or in `ensembleScores.ts` if it needs several samples.
 */
export interface MetricDescriptor {
  /** Parts of the column heading: one line in Markdown, stacked in the terminal. */
  readonly heading: readonly string[];
  /** Empty for metrics in units of the pixel values, which are in [0, 1], and for metrics without a unit. */
  readonly unit: '' | 'dB';
  /**
   * The better direction, or the best value with the scale on which distances to it are compared; null: the metric does
   * not rank methods.
   */
  readonly better: 'higher' | 'lower' | { readonly ideal: number; readonly scale: 'linear' | 'log' } | null;
  readonly decimals: number;
  /** The table in which comparisons show it. */
  readonly table: 'scores' | 'distribution' | 'detail';
  /** The value as it is stored; metrics that older rows lack default to null. */
  readonly schema: z.ZodType;
  /**
   * The values of the single images as they are stored, for paired comparisons; absent: only their average is stored. Lists
   * that older rows lack default to null.
   */
  readonly perImage?: z.ZodType;
}

const numberList = z.array(z.number());
const decibelList = z.array(measured.nullable());

/** Metrics of one image per method: the reconstruction, or the mean of several samples. */
export const imageMetrics = {
  /** Data range 1; the mean over images that are not exact, infinite if all are. null: unknown in old rows. */
  psnr: {
    heading: ['PSNR'],
    unit: 'dB',
    better: 'higher',
    decimals: 2,
    table: 'scores',
    schema: measured.nullable(),
    perImage: decibelList,
  },
  /** As `psnr`, on the unobserved pixels only; null also if every pixel is observed. */
  psnrUnobserved: {
    heading: ['PSNR', 'unobserved'],
    unit: 'dB',
    better: 'higher',
    decimals: 2,
    table: 'scores',
    schema: measured.nullable(),
    perImage: decibelList,
  },
  ssim: {
    heading: ['SSIM'],
    unit: '',
    better: 'higher',
    decimals: 4,
    table: 'scores',
    schema: z.number(),
    perImage: numberList,
  },
  ssimGaussian: {
    heading: ['SSIM', 'Gaussian'],
    unit: '',
    better: 'higher',
    decimals: 4,
    table: 'scores',
    schema: z.number(),
  },
  mse: {
    heading: ['MSE'],
    unit: '',
    better: 'lower',
    decimals: 5,
    table: 'scores',
    schema: z.number(),
    perImage: numberList,
  },
  mae: {
    heading: ['MAE'],
    unit: '',
    better: 'lower',
    decimals: 4,
    table: 'scores',
    schema: z.number(),
    perImage: numberList,
  },
  /** Root mean squared error at the observed pixels, before any are pasted. */
  rmseObserved: {
    heading: ['RMSE', 'observed'],
    unit: '',
    better: null,
    decimals: 4,
    table: 'detail',
    schema: z.number().nullable().default(null),
  },
  /** Difference between the radial power spectra of results and truth: root mean square over frequencies. */
  spectrumError: {
    heading: ['spectrum', 'error'],
    unit: 'dB',
    better: 'lower',
    decimals: 2,
    table: 'detail',
    schema: z.number().nullable().default(null),
  },
} as const satisfies Record<string, MetricDescriptor>;
export type ImageMetricName = keyof typeof imageMetrics;

/** Metrics of an ensemble: several samples per image, clamped, compared on the unobserved pixels. */
export const ensembleMetrics = {
  /** Fair in the number of samples, in units of the pixel values. */
  crps: {
    heading: ['CRPS'],
    unit: '',
    better: 'lower',
    decimals: 4,
    table: 'distribution',
    schema: z.number(),
    // null for methods of a single image.
    perImage: numberList.nullable(),
  },
  /** The CRPS of whole images; distances are root mean squares. */
  energyScore: {
    heading: ['energy', 'score'],
    unit: '',
    better: 'lower',
    decimals: 4,
    table: 'distribution',
    schema: z.number(),
  },
  /** Fractions of the truth inside the central intervals of these probabilities. */
  coverage50: coverage(0.5),
  coverage80: coverage(0.8),
  coverage90: coverage(0.9),
  /** Root of the samples' mean variance. */
  spread: {
    heading: ['spread'],
    unit: '',
    better: null,
    decimals: 4,
    table: 'distribution',
    schema: z.number(),
  },
  /** 1 if calibrated; infinite if the mean is exact and the samples differ; null if nothing differs (0 / 0). */
  spreadSkill: {
    heading: ['spread', '/ skill'],
    unit: '',
    better: { ideal: 1, scale: 'log' },
    decimals: 3,
    table: 'distribution',
    schema: measured.nullable(),
  },
  /** Mean 1 − SSIM between two samples of an image, over whole images; 0 if all samples are equal. */
  diversity: {
    heading: ['diversity'],
    unit: '',
    better: null,
    decimals: 3,
    table: 'distribution',
    schema: z.number(),
  },
} as const satisfies Record<string, MetricDescriptor>;
export type EnsembleMetricName = keyof typeof ensembleMetrics;

function coverage(probability: number) {
  return {
    heading: ['covered', `by ${probability * 100} %`],
    unit: '',
    better: { ideal: probability, scale: 'linear' },
    decimals: 3,
    table: 'distribution',
    schema: z.number(),
  } as const satisfies MetricDescriptor;
}

function schemasOf<Metrics extends Readonly<Record<string, MetricDescriptor>>>(metrics: Metrics) {
  const entries = Object.entries(metrics).map(([name, { schema }]) => [name, schema]);
  return Object.fromEntries(entries) as { -readonly [Name in keyof Metrics]: Metrics[Name]['schema'] };
}

/** How well several samples represent the distribution of likely images. */
export const distributionSchema = z.strictObject({
  ...schemasOf(ensembleMetrics),
  /** Fractions of the ranks 0 … N of the truth among N samples; flat when calibrated. */
  rankHistogram: z.array(z.number()),
});
export type Distribution = z.infer<typeof distributionSchema>;

type PerImageSchemas<Metrics> = {
  -readonly [
    Name in keyof Metrics as Metrics[Name] extends { perImage: z.ZodType } ? Name : never
  ]: Metrics[Name] extends { perImage: infer Schema } ? Schema : never;
};

function perImageSchemasOf<Metrics extends Readonly<Record<string, MetricDescriptor>>>(metrics: Metrics) {
  const entries = Object.entries(metrics).flatMap(([name, { perImage }]) =>
    perImage ? [[name, perImage] as const] : [],
  );
  return Object.fromEntries(entries) as PerImageSchemas<Metrics>;
}

/** One number per image, in the order of the protocol's images. The PSNR of an exact image is infinite. */
const perImageSchema = z.strictObject({
  ...perImageSchemasOf(imageMetrics),
  ...perImageSchemasOf(ensembleMetrics),
});
export type PerImage = z.infer<typeof perImageSchema>;
/** Metrics whose values for single images are stored. */
export const perImageMetrics = Object.keys(perImageSchema.shape) as (keyof PerImage)[];

/** How a field was sampled, in addition to solver and steps. */
export const samplingSchema = z.strictObject({
  grid: z.string(),
  /** Fraction of fresh noise in ddim. */
  eta: z.number(),
  tolerance: z.number(),
  corrections: z.int(),
  /** Of a posterior mean; samples are never averaged over them. */
  symmetries: z.int(),
  /** An EMA of the weights by its decay, or those of the last step; null: the run's main average, or what it has. */
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
  ...schemasOf(imageMetrics),
  /** Exact images, which are not part of the mean PSNR; null: unknown. Rows of older versions lack it, see upgradeRow. */
  exactImages: z.int().nullable().default(null),
  /** As `exactImages`, on the unobserved pixels only. */
  exactUnobserved: z.int().nullable().default(null),
  /** Wall seconds for all images of the protocol. */
  seconds: z.number(),
  // Since metric version 2; null in older rows, and where a method has no such number.
  /** 95 % bootstrap intervals of the means over images; null where fewer than two are averaged. */
  psnrInterval: intervalSchema.nullable().default(null),
  ssimInterval: intervalSchema.nullable().default(null),
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

/** Metrics that are evaluated while a run trains, in the order in which they are logged. */
export const monitoredMetrics = ['mse', 'mae', 'psnr', 'ssim'] as const satisfies readonly ImageMetricName[];
export type MonitoredMetric = (typeof monitoredMetrics)[number];

/** Scalars that are logged at training steps. */
const stepMetrics = {
  loss: { title: 'Loss', unit: '', isNoisy: true },
  gradNorm: { title: 'Gradient norm', unit: '', isNoisy: true },
  learningRate: { title: 'Learning rate', unit: '', isNoisy: false },
} as const satisfies Record<string, LoggedMetric>;

/** What the machine does while a run trains, as means since the sample before; every few seconds. Megabytes are of 10⁶ bytes. */
const systemMetrics = {
  'system/stepsPerSecond': { title: 'Steps per second', unit: '', isNoisy: false },
  'system/cpu': { title: 'CPU cores in use', unit: '', isNoisy: false },
  'system/memory': { title: 'Memory', unit: 'MB', isNoisy: false },
  'system/gpu': { title: 'GPU in use', unit: '%', isNoisy: false },
  'system/gpuMemory': { title: 'GPU memory', unit: 'MB', isNoisy: false },
} as const satisfies Record<string, LoggedMetric>;

/** Names of logged scalars as they are stored. */
export type MetricName =
  keyof typeof stepMetrics | `evaluation/${MonitoredMetric}` | keyof typeof systemMetrics;

/** How a chart shows a logged scalar. */
export interface LoggedMetric {
  readonly title: string;
  readonly unit: string;
  /** Whether smoothing helps; evaluations are few, and the learning rate is exact. */
  readonly isNoisy: boolean;
}

/** Everything that a run logs, per step or per evaluation. */
export const loggedMetrics = {
  ...stepMetrics,
  ...Object.fromEntries(monitoredMetrics.map((name) => [`evaluation/${name}`, describeLogged(name)])),
  ...systemMetrics,
} as Readonly<Record<MetricName, LoggedMetric>>;

function describeLogged(name: MonitoredMetric): LoggedMetric {
  const { heading, unit } = imageMetrics[name];
  return { title: heading.join(' '), unit, isNoisy: false };
}

/** One logged number. */
export interface MetricPoint {
  readonly step: number;
  readonly name: MetricName;
  readonly value: number;
  /** Seconds of training over all segments of the run. */
  readonly processSeconds: number;
  /** Milliseconds since 1970, UTC. */
  readonly wallTime: number;
}
