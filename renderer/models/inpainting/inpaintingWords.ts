/** What an inpainting was asked for and what came of it, in words. */

import type { InpaintingEntry, InpaintingRequest } from '../../../shared/inpainting.ts';
import {
  formatBytes,
  formatCount,
  formatDecibels,
  formatDuration,
  formatPlural,
} from '../../../shared/text/format.ts';
import { formatMoment } from '../../../shared/text/formatTime.ts';

/** `heun, 10 steps`, `euler, 1 step, mean of 4 samples`. */
export function describeSolver({ solver, steps, samples }: InpaintingRequest): string {
  const many = samples > 1 ? `, mean of ${samples} samples` : '';
  return `${solver}, ${formatPlural(steps, 'step')}${many}`;
}

/** `uniform, 20 % known, seed 42`, or `painted`. */
export function describeMask({ mask }: InpaintingRequest): string {
  if (mask.kind === 'painted') return 'painted';
  return `${mask.pattern}, ${percentOf(mask.keepRatio)} known, seed ${mask.seed}`;
}

/** Three digits where they are needed: `20 %`, `12.5 %`. */
function percentOf(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/** `1024 × 768`. */
function describeSize({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${formatCount(width)} × ${formatCount(height)}`;
}

/** PSNR of the result; null where there is no truth, or no result yet. */
export function resultPsnr({ request, result }: InpaintingEntry): string | null {
  const score = hasTruth(request) && result?.scores.find(({ method }) => method === 'result');
  return score ? formatDecibels(score.psnr) : null;
}

/** Whether its errors are known: an enlarged picture has no truth. */
export function hasTruth({ truthIsKnown, scale }: InpaintingRequest): boolean {
  return truthIsKnown && scale === 1;
}

export interface Fact {
  readonly name: string;
  readonly words: string;
  /** The value in full, for the tooltip. */
  readonly title?: string;
}

/** Everything one would ask of an entry; what is not known yet is left out. */
export function listFacts(entry: InpaintingEntry): Fact[] {
  const { request, picture } = entry;
  const fits = request.fit === 'fit' ? 'centre square, shrunk to the run’s size' : 'whole picture';
  const scale = request.scale === 1 ? '' : `, ×${request.scale}`;
  return [
    { name: 'Checkpoint', words: `step ${formatCount(entry.checkpointStep)}`, title: entry.checkpointSha256 },
    { name: 'Mask', words: describeMask(request) },
    { name: 'Picture', words: `${describeSize(picture)}, ${fits}${scale}` },
    { name: 'Solver', words: describeSolver(request) },
    { name: 'Seed', words: String(request.seed) },
    ...resultFacts(entry),
    { name: 'Made', words: formatMoment(entry.createdAt) },
  ];
}

function resultFacts({ result }: InpaintingEntry): Fact[] {
  if (!result) return [];
  const pixels = result.width * result.height;
  const known = `${formatCount(result.observed)} of ${formatCount(pixels)}, ${percentOf(result.observed / pixels)}`;
  return [
    { name: 'Result', words: describeSize(result) },
    { name: 'Known', words: known },
    { name: 'NFE a sample', words: formatCount(result.nfe) },
    { name: 'Time', words: formatSeconds(result.seconds) },
    { name: 'Memory', words: formatBytes(result.peakBytes), title: 'Largest resident size of the process' },
    { name: 'Tiles', words: result.tiles === 1 ? 'none, at once' : formatCount(result.tiles) },
  ];
}

/** Short times with a digit after the point: `0.4 s`. */
export function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}
