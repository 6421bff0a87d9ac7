/** Images that were filled in together: a batch, with the means of its results. */

import { hiddenPsnr, type InpaintingEntry } from './inpainting.ts';
import { meanPsnr, type PsnrMean } from './numbers/psnrMean.ts';

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
  /** Of whole images; null if no result has one. */
  readonly ssim: number | null;
  /** Mean seconds of a result, with everything that it is compared with; null without results. */
  readonly seconds: number | null;
}

type BatchEntry = Pick<InpaintingEntry, 'id' | 'request' | 'result'>;

export function summariseBatch(id: string, entries: readonly BatchEntry[]): InpaintingBatch {
  const results = entries.flatMap(({ result }) => (result ? [result] : []));
  const scores = entries.flatMap(({ request, result }) => {
    const score = result?.scores.find(({ method }) => method === 'result');
    // What is between the pixels of an enlarged image is not known.
    return score && request.truthIsKnown && request.scale === 1 ? [score] : [];
  });
  return {
    id,
    entryIds: entries.map((entry) => entry.id),
    finished: results.length,
    scored: scores.length,
    psnr: meanPsnr(scores.map(hiddenPsnr)),
    ssim: meanOf(scores.flatMap(({ ssim }) => ssim ?? [])),
    seconds: meanOf(results.map(({ seconds }) => seconds)),
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
