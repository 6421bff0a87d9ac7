/** Images that were filled in together: a batch, with the means of its results. */

import { hiddenPsnr, isClassical, type InpaintingEntry, type InpaintingScore } from './inpainting.ts';
import { meanError, meanPsnr, type PsnrMean } from './numbers/psnrMean.ts';

export interface InpaintingBatch {
  readonly id: string;
  /** IDs of its entries in the history, newest first. */
  readonly entryIds: readonly string[];
  /** Number of entries with a result. */
  readonly finished: number;
  /** Number of results with a known original, which the scores are the means of. */
  readonly scored: number;
  /** dB, of the hidden pixels. */
  readonly psnr: PsnrMean;
  /** The best classical method on the same hidden pixels; null if no method has filled in all of them. */
  readonly bestClassical: ClassicalMean | null;
  /** Of whole images; null if no result has one. */
  readonly ssim: number | null;
  /** Mean seconds of a result, with everything that it is compared with; null without results. */
  readonly seconds: number | null;
}

export interface ClassicalMean {
  /** As scores name it, such as `thin plate`. */
  readonly method: string;
  /** dB, of the hidden pixels. */
  readonly psnr: PsnrMean;
}

type BatchEntry = Pick<InpaintingEntry, 'id' | 'request' | 'result'>;

export function summariseBatch(id: string, entries: readonly BatchEntry[]): InpaintingBatch {
  const results = entries.flatMap(({ result }) => (result ? [result] : []));
  const scores = entries.flatMap(({ request, result }) => {
    const own = result?.scores.find(({ method }) => method === 'result');
    // What is between the pixels of an enlarged image is not known.
    return own && request.truthIsKnown && request.scale === 1 ? [{ own, all: result?.scores ?? [] }] : [];
  });
  return {
    id,
    entryIds: entries.map((entry) => entry.id),
    finished: results.length,
    scored: scores.length,
    psnr: meanPsnr(scores.map(({ own }) => hiddenPsnr(own))),
    bestClassical: findBestClassical(scores.map(({ all }) => all)),
    ssim: meanOf(scores.flatMap(({ own }) => own.ssim ?? [])),
    seconds: meanOf(results.map(({ seconds }) => seconds)),
  };
}

/**
 * Returns the classical method with the smallest mean squared error of the hidden pixels over images, each given by all its
 * scores. A method without a score of one of them is left out, because it has not filled in the same pixels.
 */
export function findBestClassical(images: readonly (readonly InpaintingScore[])[]): ClassicalMean | null {
  const methods = new Set(images.flatMap((scores) => scores.map(({ method }) => method)));
  const means = [...methods].filter(isClassical).flatMap((method) => {
    const found = images.flatMap((scores) => scores.find((score) => score.method === method) ?? []);
    const values = found.map(hiddenPsnr).filter((value) => value !== null);
    return values.length === images.length
      ? [{ method, psnr: meanPsnr(values), error: meanError(values) ?? 0 }]
      : [];
  });
  const [best] = means.toSorted((one, other) => one.error - other.error);
  return best ? { method: best.method, psnr: best.psnr } : null;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
