/** Texts and icons that describe an inpainting, its settings and its result. */

import {
  mdiCheckCircle,
  mdiClockOutline,
  mdiCloseOctagon,
  mdiFlash,
  mdiPlayCircle,
  mdiStopCircle,
} from '@mdi/js';
import { describeSymmetries, titleOfSolver } from '../../../shared/config/samplerConfig.ts';
import type { FigureOrigin } from '../../../shared/figureOrigin.ts';
import {
  bestClassicalScore,
  hiddenPsnr,
  type InpaintingEntry,
  type InpaintingRequest,
  type InpaintingScore,
  type InpaintingStatus,
  isPosteriorMean,
  settingsOf,
} from '../../../shared/inpainting.ts';
import { arePracticallyEqual } from '../../../shared/numbers/psnrMean.ts';
import { describeLaw, usesKeepRatio } from '../../../shared/masks/laws.ts';
import {
  formatBytes,
  formatCount,
  formatDecibels,
  formatDuration,
  formatPlural,
  formatMoment,
} from '../../../shared/text/format.ts';
import type { StatusDisplay } from '../ui/statusDisplay.ts';

/** How each status of an inpainting is shown. */
export const inpaintingDisplay: Readonly<Record<InpaintingStatus, StatusDisplay>> = {
  waiting: {
    icon: mdiClockOutline,
    colour: 'secondary',
    label: 'waiting',
    pastLabel: 'was waiting',
    meaning: 'Starts when the images before it are finished.',
  },
  running: {
    icon: mdiPlayCircle,
    colour: 'primary',
    label: 'running',
    pastLabel: 'was running',
    meaning: 'Being computed now.',
  },
  finished: { icon: mdiCheckCircle, colour: 'success', label: 'finished', meaning: 'The result is ready.' },
  failed: {
    icon: mdiCloseOctagon,
    colour: 'error',
    label: 'failed',
    meaning: 'Open it for the reason.',
  },
  cancelled: {
    icon: mdiStopCircle,
    colour: 'secondary',
    label: 'cancelled',
    meaning: 'Cancelled by you. Can be started again.',
  },
  interrupted: {
    icon: mdiFlash,
    colour: 'warning',
    label: 'interrupted',
    meaning: 'The application was closed before it finished. Can be started again.',
  },
};

/** Describes the sampling as `posterior mean, mirrored`, `Heun, 10 steps` or `Euler, 1 step, mean of 4 samples`, or `classical method`. */
export function describeSolver(request: InpaintingRequest): string {
  if (request.method !== undefined) return 'classical method';
  const { solver, steps, samples, symmetries = 1 } = request;
  if (isPosteriorMean(request))
    return ['posterior mean', describeSymmetries(symmetries)].filter(Boolean).join(', ');
  const mean = samples > 1 ? `, mean of ${samples} samples` : '';
  return `${titleOfSolver(solver)}, ${formatPlural(steps, 'step')}${mean}`;
}

/** Describes the mask as `random pixels, 20 % known, seed 42`, `painted` or `from holes.png`. */
export function describeMask({ mask }: InpaintingRequest): string {
  if (mask.kind === 'painted') return mask.file === undefined ? 'painted' : `from ${mask.file}`;
  const law = settingsOf(mask);
  const fraction = usesKeepRatio(law) ? `, ${formatFraction(mask.keepRatio)} known` : '';
  return `${describeLaw(law)}${fraction}, seed ${mask.seed}`;
}

/** Formats a fraction with up to three digits: `20 %`, `12.5 %`. */
function formatFraction(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}

function describeSize({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${formatCount(width)} × ${formatCount(height)}`;
}

/** Returns the PSNR of the result's hidden pixels; null if the truth is unknown or there is no result yet. */
export function resultPsnr(entry: InpaintingEntry): string | null {
  const score = resultScore(entry);
  return score ? formatDecibels(hiddenPsnr(score)) : null;
}

/**
 * Describes the best classical method next to the result, on the hidden pixels: `thin plate 21.30 dB: 2.10 dB lower`, or
 * `practically equal`; null where there is none.
 */
export function describeClassical(entry: InpaintingEntry): string | null {
  const score = resultScore(entry);
  const best = entry.result && bestClassicalScore(entry.result.scores);
  const [own, other] = [score, best].map((each) => (each ? hiddenPsnr(each) : null));
  if (!best || own === null || other === null) return null;
  return `${best.method} ${formatDecibels(other)}${describeRelation(own, other)}`;
}

/** Returns `: 2.10 dB lower` of another PSNR than the own, or `: practically equal`; empty if one of them is exact. */
export function describeRelation(own: number, other: number): string {
  if (!Number.isFinite(own) || !Number.isFinite(other)) return '';
  if (arePracticallyEqual(own, other)) return ': practically equal';
  return `: ${formatDecibels(Math.abs(own - other))} ${own > other ? 'lower' : 'higher'}`;
}

function resultScore({ request, result }: InpaintingEntry): InpaintingScore | undefined {
  return hasTruth(request) ? result?.scores.find(({ method }) => method === 'result') : undefined;
}

/** Returns whether errors can be measured; the truth of an enlarged image is unknown. */
export function hasTruth({ truthIsKnown, scale }: InpaintingRequest): boolean {
  return truthIsKnown && scale === 1;
}

/** A named property of an inpainting. */
export interface Fact {
  readonly name: string;
  readonly text: string;
  /** The full value, for the tooltip. */
  readonly title?: string;
}

/** Returns the properties of an inpainting that are known so far. */
export function listFacts(entry: InpaintingEntry): Fact[] {
  const { request, image } = entry;
  const fits = request.fit === 'fit' ? 'centre square, shrunk to the run’s size' : 'whole image';
  const scale = request.scale === 1 ? '' : `, ×${request.scale}`;
  const { checkpointStep, checkpointSha256 } = entry;
  const checkpoint =
    checkpointStep === null
      ? []
      : [
          {
            name: 'Checkpoint',
            text: `step ${formatCount(checkpointStep)}`,
            title: checkpointSha256 ?? undefined,
          },
        ];
  const sampling = [
    { name: 'Solver', text: describeSolver(request) },
    { name: 'Seed', text: String(request.seed) },
  ];
  return [
    ...checkpoint,
    { name: 'Mask', text: describeMask(request) },
    { name: 'Image', text: `${describeSize(image)}, ${fits}${scale}` },
    ...(request.method === undefined ? sampling : []),
    ...resultFacts(entry),
    { name: 'Created', text: formatMoment(entry.createdAt) },
  ];
}

function resultFacts({ request, result }: InpaintingEntry): Fact[] {
  if (!result) return [];
  const isSampled = request.method === undefined;
  const { width, height, channels = 1, observed } = result;
  const total = width * height * channels;
  const unit = channels === 3 ? ' values' : '';
  const known = `${formatCount(observed)} of ${formatCount(total)}${unit}, ${formatFraction(observed / total)}`;
  return [
    { name: 'Result', text: describeSize(result) },
    { name: 'Known', text: known },
    ...(isSampled ? [{ name: 'NFE per sample', text: formatCount(result.nfe) }] : []),
    { name: 'Time', text: formatSeconds(result.seconds) },
    { name: 'Memory', text: formatBytes(result.peakBytes), title: 'Peak resident size of the process' },
    ...(isSampled ? [{ name: 'Tiles', text: result.tiles === 1 ? 'none' : formatCount(result.tiles) }] : []),
  ];
}

/** Formats a duration; times below ten seconds have one decimal: `0.4 s`. */
export function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

/** Returns the origin of a figure that shows inpaintings. */
export function describeEntries(
  entries: readonly InpaintingEntry[],
): Pick<FigureOrigin, 'runs' | 'inpaintings'> {
  return {
    runs: entries.flatMap(({ request: { runId }, runName, checkpointStep, checkpointSha256 }) =>
      runId === undefined || checkpointStep === null
        ? []
        : [{ runId, name: runName, step: checkpointStep, checkpointSha256, method: null }],
    ),
    inpaintings: entries.map(({ id, image, request }) => ({ id, picture: image.name, request })),
  };
}
