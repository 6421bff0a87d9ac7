/** What classical methods score on the images that a run is evaluated on while it trains: the lines its curves have to pass. */

import { z } from 'zod';
import { type MonitoredMetric, monitoredMetrics } from '../metric.ts';

/** Methods that runs are compared with while they train, in the order of their usual quality. */
export const referenceMethods = ['linear', 'biharmonic', 'thin plate'] as const;
export type ReferenceMethod = (typeof referenceMethods)[number];

const scoresSchema = z.strictObject({
  mse: z.number(),
  mae: z.number(),
  /** dB; null where no mean exists, because every image is exact. */
  psnr: z.number().nullable(),
  ssim: z.number(),
} satisfies Record<MonitoredMetric, z.ZodType>);

/** Scores of all reference methods on the images and masks of one score basis. */
export const trainingReferencesSchema = z.strictObject({
  linear: scoresSchema,
  biharmonic: scoresSchema,
  'thin plate': scoresSchema,
} satisfies Record<ReferenceMethod, z.ZodType>);
export type TrainingReferences = Readonly<z.infer<typeof trainingReferencesSchema>>;

/** A horizontal line of a chart. */
export interface ReferenceLine {
  readonly label: string;
  readonly value: number;
}

/** Returns the lines of the classical methods in the chart of a logged metric; none for metrics that are no scores. */
export function referenceLines(name: string, references: TrainingReferences | null): ReferenceLine[] {
  const metric = monitoredMetrics.find((each) => name === `evaluation/${each}`);
  if (!references || !metric) return [];
  return referenceMethods.flatMap((method) => {
    const value = references[method][metric];
    return value === null ? [] : [{ label: method, value }];
  });
}
