/**
 * Means and ranks of PSNR. An exact image has an infinite PSNR, and one that is nearly exact has so large a PSNR that it
 * alone decides a mean of decibels. So exact images are counted, and the others averaged; and wherever results are
 * ranked and one of the images is exact or nearly so, the mean squared error over all images decides, which is bounded.
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

export interface PsnrMean {
  /** Mean in dB of the images that are not exact; infinite where all are exact; null: of no image. */
  readonly mean: number | null;
  /** Images that are exact: not part of the mean, unless all are. */
  readonly exact: number;
}

/** `values` in dB, one an image; null where an image has none. */
export function meanPsnr(values: readonly (number | null)[]): PsnrMean {
  const known = values.filter((value) => value !== null);
  const others = known.filter((value) => value !== Infinity);
  const exact = known.length - others.length;
  if (others.length === 0) return { mean: exact > 0 ? Infinity : null, exact };
  return { mean: others.reduce((sum, value) => sum + value, 0) / others.length, exact };
}

/** `24.31`, `24.31 (2 exact)`, `exact` where every image is, and a dash where there is no number. */
export function formatPsnr(value: number | null, exact: number | null = 0): string {
  if (value === Infinity) return 'exact';
  const text = formatFixed(value, 2);
  return exact && value !== null ? `${text} (${exact} exact)` : text;
}

/** Images that are exact or nearly so. */
export function countNearlyExact(values: readonly (number | null)[]): number {
  return values.filter((value) => value !== null && value >= nearlyExactPsnr).length;
}

/** Whether the mean PSNR of one of these rows says little: exact or nearly exact images, or a mean that is not known. */
export function hasNearlyExact(rows: readonly PsnrRow[], name: 'psnr' | 'psnrUnobserved' = 'psnr') {
  return rows.some((row) => {
    if (row.psnr === null || row.exactImages) return true;
    return countNearlyExact([row[name], ...(row.perImage?.[name] ?? [])]) > 0;
  });
}

/** Mean squared error over the images: what ranks results where a mean of decibels cannot; null: not known. */
export function pooledError(row: PsnrRow, name: 'psnr' | 'psnrUnobserved' = 'psnr'): number | null {
  return name === 'psnr' ? row.mse : meanError(row.perImage?.[name] ?? []);
}

function meanError(psnr: readonly (number | null)[]): number | null {
  const known = psnr.filter((value) => value !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, value) => sum + 10 ** (-value / 10), 0) / known.length;
}

/**
 * PSNR of all images as if they were one, in dB: about 0.7 dB below the mean of each image's on ordinary images, so the two
 * never mix. Infinite where all are exact.
 */
export function pooledPsnr({ mse }: Pick<PsnrRow, 'mse'>): number {
  return -10 * Math.log10(mse);
}

/** One evaluation of a run while it trains. */
export interface TrainingScore {
  /** Mean in dB, as meanPsnr. */
  readonly psnr: number;
  /** Over all images; null: an older checkpoint did not note it. */
  readonly mse: number | null;
  /** Images that are exact or nearly so; null as above. */
  readonly nearlyExact: number | null;
}

/** Whether an evaluation is the best so far: by its PSNR, or by the mean squared error where images are nearly exact. */
export function isBetterScore(score: TrainingScore, best: TrainingScore | null): boolean {
  if (Number.isNaN(score.psnr)) return false;
  if (best === null || Number.isNaN(best.psnr)) return true;
  const isBounded = score.mse !== null && best.mse !== null;
  if (isBounded && (score.nearlyExact || best.nearlyExact)) return (score.mse ?? 0) < (best.mse ?? 0);
  return score.psnr > best.psnr;
}
