/** Headline numbers over several masks: PSNR by share of observed pixels, averaged over mask seeds. */

import type { Evaluation } from '../metric.ts';

/** Over the mask seeds of one share of observed pixels. */
export interface SeedSummary {
  /** dB; null when infinite with some seed. */
  readonly mean: number | null;
  /** Standard deviation over the seeds (n − 1); null for a single seed. */
  readonly deviation: number | null;
}

export interface ProtocolSummary {
  readonly keepRatios: readonly number[];
  readonly maskSeeds: readonly number[];
  /** By method, one summary a keep ratio; null where the method was not measured. */
  readonly methods: readonly { readonly method: string; readonly psnr: readonly (SeedSummary | null)[] }[];
}

/** The evaluations may differ in mask seed and keep ratio alone: nothing else is told apart. */
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

/** Headings and one line a method, as words: `23.23 ± 0.04`. */
export function summaryLines({ keepRatios, methods }: ProtocolSummary): string[][] {
  return [
    ['PSNR dB, observed share', ...keepRatios.map((ratio) => `${Number((100 * ratio).toFixed(2))} %`)],
    ...methods.map(({ method, psnr }) => [method, ...psnr.map(formatSummary)]),
  ];
}

function summarise(rows: readonly { readonly psnr: number | null }[]): SeedSummary | null {
  if (rows.length === 0) return null;
  const values = rows.map(({ psnr }) => psnr ?? Infinity);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (!Number.isFinite(mean)) return { mean: null, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

function formatSummary(summary: SeedSummary | null): string {
  if (summary === null) return '–';
  if (summary.mean === null) return '∞';
  const spread = summary.deviation === null ? '' : ` ± ${summary.deviation.toFixed(2)}`;
  return `${summary.mean.toFixed(2)}${spread}`;
}
