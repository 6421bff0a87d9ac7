/** What a comparison of runs says in plain words: which is better, by how much, how surely, and at what cost. */

import type { ComparedRun } from '../comparison.ts';
import type { ComparisonOfRuns, RunRow } from './comparisonOfRuns.ts';
import { formatDuration } from './format.ts';
import { type PairedStatistics, pairedStatistics } from './pairedStatistics.ts';

export interface ComparisonVerdict {
  /** The run that is ahead; null where none is. */
  readonly leaderId: string | null;
  /** Whether the interval of the difference leaves zero out. */
  readonly isSure: boolean;
  /** One sentence about the quality, one about the cost. */
  readonly text: string;
}

/** The best run by its mean PSNR against the next best; null where fewer than two runs were measured by the protocol. */
export function comparisonVerdict(
  runs: readonly ComparedRun[],
  { chosen, evaluation }: Pick<ComparisonOfRuns, 'chosen' | 'evaluation'>,
): ComparisonVerdict | null {
  const ranked = chosen.toSorted((one, other) => psnrOf(other) - psnrOf(one));
  const [first, second] = ranked;
  if (!first || !second) return null;
  const find = (id: string) => runs.find(({ summary }) => summary.id === id);
  const [leader, next] = [find(first.runId), find(second.runId)];
  if (!leader || !next) return null;
  const names = { leader: quote(leader), next: quote(next), count: chosen.length };
  const { images } = evaluation.protocol;
  const paired =
    first.row.perImage && second.row.perImage
      ? pairedStatistics(first.row.perImage, second.row.perImage, 'psnr')
      : null;
  const isEqual = psnrOf(first) === psnrOf(second);
  const isSure = !isEqual && paired?.mean !== null && (paired?.mean.interval[0] ?? 0) > 0;
  const quality = isEqual
    ? `${names.leader} and ${names.next} have the same PSNR on ${images} images.`
    : describeQuality({ names, paired, images, difference: psnrOf(first) - psnrOf(second), isSure });
  const cost = describeCost([leader, next], [first, second]);
  return { leaderId: isEqual ? null : first.runId, isSure, text: `${quality} ${cost}` };
}

interface Quality {
  readonly names: { readonly leader: string; readonly next: string; readonly count: number };
  readonly paired: PairedStatistics | null;
  readonly images: number;
  readonly difference: number;
  readonly isSure: boolean;
}

function describeQuality({ names, paired, images, difference, isSure }: Quality): string {
  const rank = names.count > 2 ? `, the next best of ${names.count} runs,` : '';
  const ahead = `${names.leader} is ${isSure || !paired?.mean ? 'better' : 'ahead'}`;
  const than = isSure || !paired?.mean ? 'than' : 'of';
  const lead = `${ahead} ${than} ${names.next}${rank} by ${formatLead(difference)} PSNR`;
  if (!paired) return `${lead} on ${images} images; how surely is not known without numbers per image.`;
  const counts = `better on ${paired.wins}, worse on ${paired.losses} (sign test ${formatProbability(paired.signTest)})`;
  if (!paired.mean) return `${lead} on ${images} images: ${counts}.`;
  const [low, high] = paired.mean.interval;
  const interval = `95 % interval ${signed(low)} to ${signed(high)} dB`;
  return isSure
    ? `${lead} (${interval}) on ${images} images: ${counts}.`
    : `No clear difference: ${lead}, but the ${interval} on ${images} images holds zero; ${counts}.`;
}

/** Times of other machines do not compare: it is said where the devices differ. */
function describeCost(
  [leader, next]: readonly [ComparedRun, ComparedRun],
  [first, second]: readonly [RunRow, RunRow],
): string {
  const training = [leader, next].map(({ summary }) => summary.processSeconds);
  const sampling = [first, second].map(({ row }) => `${row.seconds.toFixed(1)} s at ${row.nfe} NFE`);
  const [one, other] = [leader, next].map(({ summary: { backend } }) => backend);
  const isSame = !one || !other || (one.kind === other.kind && one.device === other.device);
  const machines = isSame ? '' : ', on different devices';
  const reconstructing = `${sampling[0]} against ${sampling[1]}${machines}.`;
  // Runs whose database was lost keep their steps, but not the time these took.
  if (training.includes(0)) return `Reconstructing these images took ${reconstructing}`;
  const [long, short] = training.map(formatDuration);
  return `Training took ${long} against ${short}, reconstructing these images ${reconstructing}`;
}

/** `p < 0.001`, `p = 0.042`. */
export function formatProbability(probability: number): string {
  return probability < 0.001 ? 'p < 0.001' : `p = ${probability.toFixed(probability < 0.1 ? 3 : 2)}`;
}

/** With its sign: `+0.42`, `−0.10`, `0.00`. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
}

function formatLead(difference: number): string {
  return Number.isFinite(difference) ? `${difference.toFixed(2)} dB` : 'infinitely many dB';
}

/** null is infinite. */
function psnrOf({ row }: RunRow): number {
  return row.psnr ?? Infinity;
}

function quote({ summary }: ComparedRun): string {
  return `“${summary.name}”`;
}
