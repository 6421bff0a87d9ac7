/** Summary over several masks: PSNR by fraction of observed pixels, averaged over mask seeds. */

import type { Evaluation, EvaluationRow } from '../../shared/metric.ts';
import { formatFixed } from '../../shared/numbers/nonFinite.ts';
import { formatPsnr, meanPsnr } from '../../shared/numbers/psnrMean.ts';

/** PSNR over the mask seeds of one fraction of observed pixels. */
export interface SeedSummary {
  /** Mean in dB over the seeds whose images are not all exact; infinite if all are, null if one is unknown. */
  readonly mean: number | null;
  /** Number of exact images over all seeds, which the mean excludes. */
  readonly exactImages: number;
  /** Standard deviation over the seeds (n − 1); null for a single seed. */
  readonly deviation: number | null;
}

export interface ProtocolSummary {
  readonly keepRatios: readonly number[];
  readonly maskSeeds: readonly number[];
  /** One summary per keep ratio for each method; null if the method was not measured. */
  readonly methods: readonly { readonly method: string; readonly psnr: readonly (SeedSummary | null)[] }[];
}

/** Summarises evaluations that differ only in mask seed and keep ratio. */
export function summariseProtocols(evaluations: readonly Evaluation[]): ProtocolSummary {
  const unique = <Value>(values: readonly Value[]) => [...new Set(values)];
  const keepRatios = unique(evaluations.map(({ protocol }) => protocol.keepRatio));
  const methods = unique(evaluations.flatMap(({ rows }) => rows.map(({ method }) => method)));
  return {
    keepRatios,
    maskSeeds: unique(evaluations.map(({ protocol }) => protocol.maskSeed)),
    methods: methods.map((method) => ({
      method,
      psnr: keepRatios.map((ratio) => {
        const members = evaluations.filter(({ protocol }) => protocol.keepRatio === ratio);
        return summarise(members.flatMap(({ rows }) => rows.filter((row) => row.method === method)));
      }),
    })),
  };
}

/** Returns the headings and one line of text per method: `23.23 ± 0.04`. */
export function summaryLines({ keepRatios, methods }: ProtocolSummary): string[][] {
  return [
    ['PSNR dB, observed fraction', ...keepRatios.map((ratio) => `${Number((100 * ratio).toFixed(2))} %`)],
    ...methods.map(({ method, psnr }) => [method, ...psnr.map(formatSummary)]),
  ];
}

function summarise(rows: readonly Pick<EvaluationRow, 'psnr' | 'exactImages'>[]): SeedSummary | null {
  if (rows.length === 0) return null;
  const exactImages = rows.reduce((sum, row) => sum + (row.exactImages ?? 0), 0);
  if (rows.some(({ psnr }) => psnr === null)) return { mean: null, deviation: null, exactImages };
  const values = rows.flatMap(({ psnr }) => (psnr === null || psnr === Infinity ? [] : [psnr]));
  const { mean } = meanPsnr(rows.map(({ psnr }) => psnr));
  const squares = values.reduce((sum, value) => sum + (value - (mean ?? 0)) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null;
  return { mean, deviation, exactImages };
}

function formatSummary(summary: SeedSummary | null): string {
  if (summary === null) return '–';
  const { mean, deviation, exactImages } = summary;
  if (mean === null || mean === Infinity) return formatPsnr(mean);
  const spread = deviation === null ? '' : ` ± ${formatFixed(deviation, 2)}`;
  return `${formatFixed(mean, 2)}${spread}${exactImages > 0 ? ` (${exactImages} exact)` : ''}`;
}
