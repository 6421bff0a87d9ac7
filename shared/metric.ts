/** Metric names, units and the rows every table is made of. */

import { z } from 'zod';

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
  metricVersion: z.int(),
});
export type Protocol = z.infer<typeof protocolSchema>;

/** Raised when the meaning of any metric changes. */
export const metricVersion = 1;

/** One row of a comparison table: a classical method or a sampled field. */
export const evaluationRowSchema = z.strictObject({
  /** e.g. `thin plate`, `flow · posterior mean (1 NFE)`. */
  method: z.string(),
  /** Function evaluations of the field per sample; 0 for classical methods. */
  nfe: z.int(),
  /** Samples averaged into the scored image; 0 for classical methods. */
  samples: z.int(),
  /** dB, data range 1, per image then averaged; null = infinite (exact). */
  psnr: z.number().nullable(),
  ssim: z.number(),
  ssimGaussian: z.number(),
  /** dB on the unobserved pixels only. */
  psnrUnobserved: z.number().nullable(),
  mse: z.number(),
  mae: z.number(),
  /** Wall seconds for all images of the protocol. */
  seconds: z.number(),
});
export type EvaluationRow = z.infer<typeof evaluationRowSchema>;

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
