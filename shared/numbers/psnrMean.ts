/**
 * Means and ranks of PSNR. An exact image has an infinite PSNR, and the PSNR of a nearly exact one is so large that it
 * dominates a mean of decibels. Therefore exact images are counted and only the others averaged; and when results are ranked
 * and an image is exact or nearly so, the mean squared error over all images is compared, which is bounded.
 */

import { formatFixed } from './nonFinite.ts';

/** The parts of an evaluation row that rank results. */
interface PsnrRow {
  readonly psnr: number | null;
  readonly psnrUnobserved: number | null;
  readonly exactImages: number | null;
  readonly mse: number;
  readonly perImage: {
    readonly psnr: readonly (number | null)[];
    readonly psnrUnobserved: readonly (number | null)[];
  } | null;
}

/**
 * From this PSNR on, in dB, an image counts as nearly exact: its root mean squared error is at most one of the 255 steps
 * of an 8-bit truth.
 */
export const nearlyExactPsnr = 20 * Math.log10(255);

/**
 * Two results whose PSNR differs by less, in dB, are practically equal: as much separates two trainings that differ in
 * their seed alone, and nobody sees it.
 */
export const practicalDifference = 0.05;

/** Returns whether two values in dB are practically equal; two exact results are. */
export function arePracticallyEqual(one: number, other: number): boolean {
  return one === other || Math.abs(one - other) < practicalDifference;
}

export interface PsnrMean {
  /** Mean in dB of the images that are not exact; infinite if all are exact; null without images. */
  readonly mean: number | null;
  /** Number of exact images, which are not part of the mean unless all are exact. */
  readonly exact: number;
}

/** Averages the PSNR in dB of single images; null for an image without one. */
export function meanPsnr(values: readonly (number | null)[]): PsnrMean {
  const known = values.filter((value) => value !== null);
  const others = known.filter((value) => value !== Infinity);
  const exact = known.length - others.length;
  if (others.length === 0) return { mean: exact > 0 ? Infinity : null, exact };
  return { mean: others.reduce((sum, value) => sum + value, 0) / others.length, exact };
}

/** Formats a mean PSNR: `24.31`, `24.31 (2 exact)`, `exact` if every image is exact, and a dash if there is no number. */
export function formatPsnr(value: number | null, exact: number | null = 0): string {
  if (value === Infinity) return 'exact';
  const text = formatFixed(value, 2);
  return exact && value !== null ? `${text} (${exact} exact)` : text;
}

/** Counts the images that are exact or nearly so. */
export function countNearlyExact(values: readonly (number | null)[]): number {
  return values.filter((value) => value !== null && value >= nearlyExactPsnr).length;
}

/** Returns whether the mean PSNR of one of these rows cannot be ranked: it has exact or nearly exact images, or is not known. */
export function hasNearlyExact(rows: readonly PsnrRow[], name: 'psnr' | 'psnrUnobserved' = 'psnr') {
  return rows.some((row) => {
    if (row.psnr === null || row.exactImages) return true;
    return countNearlyExact([row[name], ...(row.perImage?.[name] ?? [])]) > 0;
  });
}

/** Returns the mean squared error over the images, which ranks results where a mean of decibels cannot; null if not known. */
export function pooledError(row: PsnrRow, name: 'psnr' | 'psnrUnobserved' = 'psnr'): number | null {
  return name === 'psnr' ? row.mse : meanError(row.perImage?.[name] ?? []);
}

/** Returns the mean squared error over images with this PSNR in dB; null without any. */
export function meanError(psnr: readonly (number | null)[]): number | null {
  const known = psnr.filter((value) => value !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, value) => sum + 10 ** (-value / 10), 0) / known.length;
}

/**
 * Returns the PSNR in dB of all images as if they were one, infinite if all are exact. On ordinary images it is about 0.7 dB
 * below the mean PSNR of the images, so that the two must not be compared.
 */
export function pooledPsnr({ mse }: Pick<PsnrRow, 'mse'>): number {
  return -10 * Math.log10(mse);
}

/** One evaluation of a run while it trains. */
export interface TrainingScore {
  /** Mean in dB, as meanPsnr. */
  readonly psnr: number;
  /** Over all images; null in older checkpoints. */
  readonly mse: number | null;
  /** Number of images that are exact or nearly so; null in older checkpoints. */
  readonly nearlyExact: number | null;
}

/** Returns whether an evaluation is the best so far: by its PSNR, or by the mean squared error if images are nearly exact. */
export function isBetterScore(score: TrainingScore, best: TrainingScore | null): boolean {
  if (Number.isNaN(score.psnr)) return false;
  if (best === null || Number.isNaN(best.psnr)) return true;
  const isBounded = score.mse !== null && best.mse !== null;
  if (isBounded && (score.nearlyExact || best.nearlyExact)) return (score.mse ?? 0) < (best.mse ?? 0);
  return score.psnr > best.psnr;
}
