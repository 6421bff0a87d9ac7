/** What a checkpoint says of its run's training, as text in the checkpoint's metadata. */

import { z } from 'zod';
import { anyNumber } from './numbers/anyNumber.ts';
import { stringifyJson } from './numbers/nonFinite.ts';
import type { TrainingScore } from './numbers/psnrMean.ts';

/** What a run must remember besides tensors; everything random follows from seed and step. */
export interface TrainingProgress {
  readonly step: number;
  readonly processSeconds: number;
  readonly loss: number | null;
  /** The best evaluation so far; null before the first. */
  readonly best: TrainingScore | null;
}

const progressSchema = z.object({
  processSeconds: z.number(),
  loss: anyNumber.nullable(),
  bestPsnr: anyNumber.nullable(),
  // Checkpoints of older versions lack these.
  bestMse: z.number().nullable().default(null),
  bestNearlyExact: z.int().nullable().default(null),
});

/** Where a run begins. */
export const beginning: TrainingProgress = { step: 0, processSeconds: 0, loss: null, best: null };

/** The text of a checkpoint's metadata; its step is the checkpoint's own. */
export function formatProgress({ processSeconds, loss, best }: Omit<TrainingProgress, 'step'>): string {
  const { psnr = null, mse = null, nearlyExact = null } = best ?? {};
  return stringifyJson({
    processSeconds,
    loss,
    bestPsnr: psnr,
    bestMse: mse,
    bestNearlyExact: nearlyExact,
  } satisfies z.infer<typeof progressSchema>);
}

/** The inverse of formatProgress. @throws ZodError when a number is missing. */
export function parseProgress(text: string): Omit<TrainingProgress, 'step'> {
  const { bestPsnr, bestMse, bestNearlyExact, ...rest } = progressSchema.parse(JSON.parse(text));
  const best = bestPsnr === null ? null : { psnr: bestPsnr, mse: bestMse, nearlyExact: bestNearlyExact };
  return { ...rest, best };
}
