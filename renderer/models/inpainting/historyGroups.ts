/** The history in groups: the images of a batch together, others by themselves; and which results can be compared. */

import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import type { ClassicalMean, InpaintingBatch } from '../../../shared/inpaintingBatch.ts';
import { formatFixed } from '../../../shared/numbers/nonFinite.ts';
import { formatDecibels, formatPlural } from '../../../shared/text/format.ts';
import { describeRelation, formatSeconds } from './describeInpainting.ts';

export interface HistoryGroup {
  /** null: entries that are not part of a batch of several. */
  readonly batch: InpaintingBatch | null;
  readonly entries: readonly InpaintingEntry[];
}

/** Divides the entries, in their order, wherever a batch of several images begins or ends. */
export function groupHistory(
  entries: readonly InpaintingEntry[],
  batches: readonly InpaintingBatch[],
): HistoryGroup[] {
  const byId = new Map(
    batches.filter(({ entryIds }) => entryIds.length > 1).map((batch) => [batch.id, batch]),
  );
  const groups: { batch: InpaintingBatch | null; entries: InpaintingEntry[] }[] = [];
  for (const entry of entries) {
    const batch = byId.get(entry.request.batchId ?? '') ?? null;
    const last = groups.at(-1);
    if (last && last.batch === batch) last.entries.push(entry);
    else groups.push({ batch, entries: [entry] });
  }
  return groups;
}

export interface MeanText {
  readonly text: string;
  /** The word of the glossary that explains it. */
  readonly term?: string;
}

/** `hidden 23.41 dB`, `thin plate 22.10 dB: 1.31 dB lower`, `SSIM 0.812`, `2.3 s per image`: means over the results of a batch. */
export function describeMeans({
  entryIds,
  finished,
  scored,
  psnr,
  bestClassical,
  ssim,
  seconds,
}: InpaintingBatch): MeanText[] {
  if (finished === 0) return [{ text: 'no results yet' }];
  const count = entryIds.length;
  const known = scored > 0 && scored < finished ? ` of ${formatPlural(scored, 'image')}` : '';
  const exact = psnr.exact > 0 && psnr.mean !== Infinity ? ` (${psnr.exact} exact)` : '';
  return [
    ...(finished < count ? [{ text: `${finished} of ${count} finished` }] : []),
    psnr.mean === null
      ? { text: 'originals unknown' }
      : { text: `hidden ${formatDecibels(psnr.mean)}${exact}${known}`, term: 'PSNR hidden' },
    ...(bestClassical === null ? [] : [{ text: relateClassical(psnr.mean, bestClassical) }]),
    ...(ssim === null ? [] : [{ text: `SSIM ${formatFixed(ssim, 3)}`, term: 'SSIM' }]),
    ...(seconds === null ? [] : [{ text: `${formatSeconds(seconds)} per image` }]),
  ];
}

function relateClassical(own: number | null, { method, psnr: { mean } }: ClassicalMean): string {
  return own === null || mean === null
    ? method
    : `${method} ${formatDecibels(mean)}${describeRelation(own, mean)}`;
}

/** Returns the IDs of two results of one image, the older one first; null if these entries are something else. */
export function comparableIds(
  entries: readonly InpaintingEntry[],
): { readonly id: string; readonly with: string } | null {
  const [newer, older, ...more] = entries;
  if (!older || more.length > 0 || !newer.result || !older.result) return null;
  return newer.image.id === older.image.id ? { id: newer.id, with: older.id } : null;
}
