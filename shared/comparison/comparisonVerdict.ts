/** The verdict of a comparison of runs: which is better, by how much, with what confidence, and at what cost. */

import type { ComparedRun } from './comparison.ts';
import type { EvaluationRow } from '../metric.ts';
import type { ComparisonOfRuns, RunRow } from './comparisonOfRuns.ts';
import { formatCount, formatPlural } from '../text/format.ts';
import { formatFixed, signed } from '../numbers/nonFinite.ts';
import { pairedMetrics, type PairedStatistics, pairedStatistics } from './pairedStatistics.ts';
import {
  arePracticallyEqual,
  formatPsnr,
  hasNearlyExact,
  pooledPsnr,
  practicalDifference,
} from '../numbers/psnrMean.ts';

export interface ComparisonVerdict {
  /** The run that is ahead; null where none is, or where the measures disagree. */
  readonly leaderId: string | null;
  /** Whether the interval of the difference leaves zero out, and no measure says the opposite. */
  readonly isSure: boolean;
  /** A sentence or two about the quality, one about the cost. */
  readonly text: string;
}

/**
 * The best run against the next best; null where fewer than two runs were measured by the protocol. The mean PSNR decides;
 * where one of the images is exact or nearly so, the mean squared error does, because it is bounded. A run is called
 * better only where it is so by more than a practical difference, and MSE, MAE, SSIM and the majority of the images do
 * not say the opposite.
 */
export function comparisonVerdict(
  runs: readonly ComparedRun[],
  { chosen, evaluation }: Pick<ComparisonOfRuns, 'chosen' | 'evaluation'>,
): ComparisonVerdict | null {
  const by = hasNearlyExact(chosen.map(({ row }) => row)) ? 'mse' : 'psnr';
  const quality = ({ row }: RunRow) => (by === 'mse' ? -row.mse : (row.psnr ?? -Infinity));
  const ranked = chosen.toSorted((one, other) =>
    quality(one) === quality(other) ? 0 : quality(other) - quality(one),
  );
  const [first, second] = ranked;
  if (!first || !second) return null;
  const find = (id: string) => runs.find(({ summary }) => summary.id === id);
  const [leader, next] = [find(first.runId), find(second.runId)];
  if (!leader || !next) return null;
  const paired = pairRows(first.row, second.row, by);
  const found: Found = {
    by,
    paired,
    first: first.row,
    second: second.row,
    images: evaluation.protocol.images,
    names: { leader: quote(leader), next: quote(next), count: chosen.length },
  };
  const isEqual = quality(first) === quality(second);
  const isAlike = isEqual || isPracticallyEqual(found);
  const opposite = isEqual ? [] : findOpposite(found);
  const isSure = !isAlike && opposite.length === 0 && isGainSure(paired);
  const cost = describeCost([leader, next], [first, second]);
  return {
    leaderId: isAlike || opposite.length > 0 ? null : first.runId,
    isSure,
    text: `${describeQuality(found, { isEqual, isAlike, isSure, opposite })} ${cost}`,
  };
}

/** Returns the statistics of two rows image by image; null if one of them has no scores per image. */
function pairRows(first: EvaluationRow, second: EvaluationRow, by: 'psnr' | 'mse'): PairedStatistics | null {
  if (!first.perImage || !second.perImage) return null;
  return pairedStatistics(first.perImage, second.perImage, by);
}

/** The two best runs, and what decides between them. */
interface Found {
  readonly by: 'psnr' | 'mse';
  readonly names: { readonly leader: string; readonly next: string; readonly count: number };
  readonly first: EvaluationRow;
  readonly second: EvaluationRow;
  readonly paired: PairedStatistics | null;
  readonly images: number;
}

/** Whether the two best runs differ by less than anybody sees, however surely. */
function isPracticallyEqual({ by, first, second }: Found): boolean {
  if (by === 'mse') return arePracticallyEqual(pooledPsnr(first), pooledPsnr(second));
  return first.psnr !== null && second.psnr !== null && arePracticallyEqual(first.psnr, second.psnr);
}

/** Whether the interval of the mean gain of the leader lies above zero. */
function isGainSure(paired: PairedStatistics | null): boolean {
  if (!paired?.mean) return false;
  const [low, high] = paired.mean.interval;
  return pairedMetrics[paired.metric].largerIsBetter ? low > 0 : high < 0;
}

/** Returns the measures by which the next run is better than the leader, ignoring values that print alike. */
function findOpposite({ by, first, second, paired, names }: Found): string[] {
  const measures = (['mse', 'mae', 'ssim'] as const).flatMap((metric) => {
    const { title, digits, largerIsBetter } = pairedMetrics[metric];
    const [own, other] = [first[metric], second[metric]];
    const [text, otherText] = [own, other].map((value) => formatFixed(value, digits));
    const isOpposite = metric !== by && text !== otherText && largerIsBetter === other > own;
    return isOpposite ? [`${title} (${otherText} against ${text})`] : [];
  });
  const isMajorityOpposite = paired !== null && paired.losses > paired.wins && paired.signTest < 0.05;
  const majority = isMajorityOpposite
    ? [`majority of the images (${describeCounts(paired, names.leader)})`]
    : [];
  return [...measures, ...majority];
}

function describeQuality(
  found: Found,
  {
    isEqual,
    isAlike,
    isSure,
    opposite,
  }: { isEqual: boolean; isAlike: boolean; isSure: boolean; opposite: readonly string[] },
): string {
  const { by, names, images, first, second } = found;
  if (isEqual) {
    if (first.mse === 0) return `${names.leader} and ${names.next} reconstruct all ${images} images exactly.`;
    return `${names.leader} and ${names.next} have the same ${by === 'mse' ? 'MSE' : 'PSNR'} on ${images} images.`;
  }
  if (isAlike) {
    const others =
      opposite.length > 0 ? ` By other measures ${names.next} is ahead: ${joinList(opposite)}.` : '';
    return `${names.leader} and ${names.next} are practically equal: they differ by ${describeDifference(by, first, second)} on ${images} images, less than ${practicalDifference} dB.${others}`;
  }
  if (opposite.length > 0) return describeDisagreement(found, opposite);
  const why = ' Some images are exact or nearly so, therefore the mean squared error decides.';
  return `${describeLead(found, isSure)}${by === 'mse' ? why : ''}`;
}

function describeDisagreement(
  { by, names, first, second, images }: Found,
  opposite: readonly string[],
): string {
  const lead =
    by === 'mse'
      ? `MSE (${[first, second].map(({ mse }) => formatFixed(mse, pairedMetrics.mse.digits)).join(' against ')})`
      : `mean PSNR (${formatPsnr(first.psnr)} against ${formatPsnr(second.psnr)} dB)`;
  return `The measures disagree on ${images} images: ${names.leader} has the better ${lead}, but ${names.next} has the better ${joinList(opposite)}.`;
}

/** `a, b and c`. */
function joinList(parts: readonly string[]): string {
  return `${parts.slice(0, -1).join(', ')}${parts.length > 1 ? ' and ' : ''}${parts.at(-1)}`;
}

function describeLead({ by, names, paired, images, first, second }: Found, isSure: boolean): string {
  const rank = names.count > 2 ? `, the next best of ${names.count} runs,` : '';
  const isClaimed = isSure || !paired?.mean;
  const lead = `${names.leader} is ${isClaimed ? 'better than' : 'ahead of'} ${names.next}${rank} by ${describeDifference(by, first, second)}`;
  if (!paired) return `${lead} on ${images} images; how surely is not known without numbers per image.`;
  const counts = describeCounts(paired);
  if (!paired.mean) return `${lead} on ${images} images: ${counts}.`;
  const { unit, title, digits } = pairedMetrics[by];
  const [low, high] = paired.mean.interval.map((end) => signed(end, digits));
  const interval = `95 % interval ${low} to ${high} ${by === 'psnr' ? unit : title}`;
  return isSure
    ? `${lead} (${interval}) on ${images} images: ${counts}.`
    : `No clear difference: ${lead}, but the ${interval} on ${images} images holds zero; ${counts}.`;
}

function describeDifference(by: 'psnr' | 'mse', first: EvaluationRow, second: EvaluationRow): string {
  if (by === 'psnr') return `${formatFixed((first.psnr ?? NaN) - (second.psnr ?? NaN), 2)} dB PSNR`;
  const [own, other] = [first, second].map(({ mse }) => formatFixed(mse, pairedMetrics.mse.digits));
  const decibels = formatFixed(pooledPsnr(first) - pooledPsnr(second), 2);
  return `${decibels} dB pooled PSNR, MSE ${own} against ${other}`;
}

/** `subject`: whose images they are, where that is not plain. */
function describeCounts({ wins, losses, signTest }: PairedStatistics, subject?: string): string {
  const who = subject === undefined ? '' : `${subject} is `;
  return `${who}better on ${wins}, worse on ${losses} (sign test ${formatProbability(signTest)})`;
}

/** Says what the two runs cost in work: seconds depend on what else a machine was computing, and are not compared. */
function describeCost(
  [leader, next]: readonly [ComparedRun, ComparedRun],
  [first, second]: readonly [RunRow, RunRow],
): string {
  const steps = [leader, next].map(({ summary }) => formatCount(summary.step)).join(' against ');
  const [own, other] = [first, second].map(({ row }) => row.nfe);
  const evaluations =
    own === other
      ? `${formatPlural(own, 'network evaluation')} (NFE) per image each`
      : `${own} against ${other} network evaluations (NFE) per image`;
  return `Cost: ${steps} training steps, ${evaluations}.`;
}

/** `p < 0.001`, `p = 0.042`. */
export function formatProbability(probability: number): string {
  return probability < 0.001 ? 'p < 0.001' : `p = ${probability.toFixed(probability < 0.1 ? 3 : 2)}`;
}

function quote({ summary }: ComparedRun): string {
  return `“${summary.name}”`;
}
