/** From the times of a contest to the rows of the report. */

import type { FlopCounts } from './countFlops.ts';
import type { BenchRow, EngineKind } from './report.ts';
import { median, medianRatio } from './rounds.ts';

/** One exercise of all contestants that finished it. */
export interface Measurement {
  readonly kind: 'train' | 'sample';
  /** null for training. */
  readonly nfe: number | null;
  readonly batch: number;
  /** By contestant: milliseconds, one a round; round i of all was measured side by side. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** By contestant: most main memory. */
  readonly megabytes: ReadonlyMap<string, number>;
}

const engines: readonly EngineKind[] = ['compiled', 'eager'];

/** A row an engine that finished. `flops` is null where nothing could be traced. */
export function toRows(
  measurement: Measurement,
  context: { config: string; flops: FlopCounts | null; matmulGigaflops: number },
): BenchRow[] {
  return engines.flatMap((engine) => {
    const times = measurement.times.get(engine);
    return times?.length ? [toRow(measurement, engine, { ...context, times })] : [];
  });
}

function toRow(
  measurement: Measurement,
  engine: EngineKind,
  context: { config: string; flops: FlopCounts | null; matmulGigaflops: number; times: readonly number[] },
): BenchRow {
  const { kind, nfe, batch, times, megabytes } = measurement;
  const { config, flops, matmulGigaflops } = context;
  const milliseconds = median(context.times);
  const medianOf = (name: string) => (times.get(name)?.length ? median(times.get(name) ?? []) : null);
  return {
    config,
    kind,
    nfe,
    engine,
    batch,
    rounds: context.times.length,
    milliseconds,
    pytorchEager: medianOf('pytorchEager'),
    pytorchCompiled: medianOf('pytorchCompiled'),
    ratioToPytorchEager: medianRatio(context.times, times.get('pytorchEager')),
    ratioToPytorchCompiled: medianRatio(context.times, times.get('pytorchCompiled')),
    peakShare: flops && flopsOf(measurement, flops) / (milliseconds * 1e6) / matmulGigaflops,
    megabytes: megabytes.get(engine) ?? null,
    pytorchEagerMegabytes: megabytes.get('pytorchEager') ?? null,
    pytorchCompiledMegabytes: megabytes.get('pytorchCompiled') ?? null,
  };
}

function flopsOf({ nfe }: Measurement, flops: FlopCounts): number {
  return nfe === null ? flops.train : flops.encode + nfe * flops.predict;
}
