/** Whether a run has learnt to fill holes like those of a mask, judged by the masks that it was trained with. */

import { keepRatioRange } from '../images/mask.ts';
import { areCropped } from '../dataset.ts';
import { type HoleMeasure, measureHoles } from '../masks/holes.ts';
import { drawMask, plainTitle, traitsOfLaw } from '../masks/laws.ts';
import { parseMixture } from '../masks/mixture.ts';
import { formatPercent, formatPlural } from '../text/format.ts';
import type { RunConfig } from './config.ts';

/** Masks that are measured: enough to meet all laws of a mixture and both ends of their ranges. */
const measuredMasks = 24;

/** A hole may be that many times as deep as those of training. */
const depthTolerance = 1.5;
/** The known fraction may be that many times that of training. */
const knownTolerance = 0.6;
/** Above this fraction of isolated pixels, they are scattered; below the other, a training has seen none. */
const scattered = 0.15;
const notScattered = 0.05;

type Training = Pick<RunConfig, 'mask' | 'data'>;

/** What a run's training has seen: of masks of whole pixels, and of those of single channels; null: none of them. */
export interface TrainedHoles {
  readonly pixels: HoleMeasure | null;
  readonly channels: HoleMeasure | null;
}

/** Returns the deepest hole, the smallest known fraction and the most isolated pixels among masks of a run's training. */
export function measureTrainedHoles({ mask, data }: Training): TrainedHoles {
  const { smallest, largest } = keepRatioRange(mask);
  // The other generators of random pixels have the same distribution.
  const law = traitsOfLaw(mask.law).variantOf ?? mask.law;
  const size = { width: data.imageSize, height: data.imageSize };
  const measures = Array.from({ length: measuredMasks }, (_, index) =>
    measureHoles(drawMask({ ...mask, ...size, law, index, keepRatio: index % 2 === 0 ? smallest : largest })),
  );
  return {
    pixels: extremesOf(measures.filter(({ channels }) => channels === 1)),
    channels: extremesOf(measures.filter(({ channels }) => channels === 3)),
  };
}

function extremesOf(measures: readonly HoleMeasure[]): HoleMeasure | null {
  if (measures.length === 0) return null;
  return {
    channels: measures[0].channels,
    known: Math.min(...measures.map(({ known }) => known)),
    depth: Math.max(...measures.map(({ depth }) => depth)),
    isolated: Math.max(...measures.map(({ isolated }) => isolated)),
  };
}

/**
 * Returns a plain sentence about what is new to the run in a mask, or null if it was trained with masks like it.
 * `seen`: from `measureTrainedHoles`.
 */
export function adviseOnMask(
  training: Training,
  found: HoleMeasure,
  seen: TrainedHoles = measureTrainedHoles(training),
): string | null {
  if (found.known === 0 || found.known === 1) return null;
  const start = `Trained on ${describeTraining(training)}`;
  const trained = found.channels === 3 ? seen.channels : seen.pixels;
  if (trained === null)
    return found.channels === 3
      ? `${start}, never on pixels of which single channels are known; a run trained on Bayer patterns gives a better result.`
      : `${start}, where something is known of every pixel; a run trained on masks of whole pixels gives a better result.`;
  if (found.depth > depthTolerance * trained.depth)
    return `${start}, where unknown pixels are up to ${formatPixels(trained.depth)} from a known one; holes this large (${formatPixels(found.depth)}) will look blurred.`;
  if (found.isolated > scattered && trained.isolated < notScattered)
    return `${start}, never on scattered pixels like these; a run trained on such masks gives a better result.`;
  if (found.isolated > scattered && found.known < knownTolerance * trained.known)
    return `${start}, at least ${formatPercent(trained.known)} of them known; with ${formatPercent(found.known)}, the result will look blurred.`;
  return null;
}

/** `random pixels of 32 × 32 images`, `brush strokes, text and blocks of 64 × 64 crops`. */
export function describeTraining({ mask, data }: Training): string {
  if (mask.law === 'bayer') return `one channel of each pixel of ${describeImages(data)}`;
  const laws = mask.law === 'mixture' ? parseMixture(mask.mixture).map(({ law }) => law) : [mask.law];
  const titles = [...new Set(laws.map(plainTitle))];
  const list = titles.join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `${list} of ${describeImages(data)}`;
}

function describeImages(data: Training['data']): string {
  return `${data.imageSize} × ${data.imageSize} ${areCropped(data) ? 'crops' : 'images'}`;
}

function formatPixels(distance: number): string {
  return formatPlural(Math.max(1, Math.round(distance)), 'pixel');
}
