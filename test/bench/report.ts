/** The records behind the tables of a benchmark, which --json prints, and how they are computed from measurements. */

import type { FlopCounts } from './engine/countFlops.ts';
import { median, medianRatio } from './rounds.ts';

export type EngineKind = 'compiled' | 'eager';

/** Names of all variants of PyTorch begin with this. */
const rivalPrefix = 'PyTorch ';

export interface MachineInfo {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  /** Backend of the engine and where it computes, such as `TensorFlow 2.21.0 on the CPU`. */
  readonly backend: string;
  readonly device: 'CPU' | 'GPU';
  /** Version of PyTorch; null if it is not installed. */
  readonly torch: string | null;
  /** Speed of the fastest square float32 product of this size in this run. */
  readonly matmulGigaflops: number;
  readonly matmulSize: number;
  /** Why the times are unreliable; null if the machine was idle at the start. */
  readonly disturbance: string | null;
}

/**
 * A measured operation: a training step, or the sampling of `batch` whole images. Milliseconds are medians over rounds;
 * ratios are medians of (ours / PyTorch's) within a round, below 1 if the engine is faster.
 */
export interface BenchRow {
  readonly config: string;
  readonly kind: 'train' | 'sample';
  /** Function evaluations of a sampling; null for training. */
  readonly nfe: number | null;
  /** `compiled` or `eager`, or `compiled, memory kept`: with an allocator that keeps freed memory. */
  readonly engine: string;
  readonly batch: number;
  readonly rounds: number;
  readonly milliseconds: number;
  /** Every variant of PyTorch that finished, the fastest first. */
  readonly rivals: readonly Rival[];
  /** Speed of the engine's matrix products relative to the measured product; null without graphs. */
  readonly peakShare: number | null;
  /** Peak main memory of the process after set-up and training; null for sampling. */
  readonly megabytes: number | null;
}

/** A variant of PyTorch, such as `torch.compile, memory kept`. */
export interface Rival {
  readonly name: string;
  readonly milliseconds: number;
  /** Median of (engine / this) within a round, below 1 if the engine is faster. */
  readonly ratio: number;
  /** Peak main memory; null for sampling. */
  readonly megabytes: number | null;
}

/** Cost of a compiled training step of the tiny preset after one of its sizes is doubled. */
export interface GrowthRow {
  readonly quantity: 'batch' | 'latents' | 'pixels';
  readonly from: number;
  readonly to: number;
  readonly milliseconds: number;
  /** Relative to the original step, within a round. */
  readonly ratio: number;
}

/** How much of a step of the real training loop is spent outside TensorFlow: batches, transfers of tensors, the loop. */
export interface LoopShare {
  readonly config: string;
  readonly milliseconds: number;
  readonly nativeMilliseconds: number;
  readonly outsideShare: number;
}

export interface BenchReport {
  readonly machine: MachineInfo;
  readonly rows: readonly BenchRow[];
  readonly growth: readonly GrowthRow[];
  readonly loop: LoopShare | null;
}

/** Results of all contestants that finished an operation. */
export interface Measurement {
  readonly kind: 'train' | 'sample';
  /** null for training. */
  readonly nfe: number | null;
  readonly batch: number;
  /** Milliseconds of every round by contestant; round i of all contestants was measured side by side. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** Peak main memory by contestant. */
  readonly megabytes: ReadonlyMap<string, number>;
}

/** Returns a row for every variant of the engine that finished. `flops` is null if nothing could be traced. */
export function toRows(
  measurement: Measurement,
  context: { config: string; flops: FlopCounts | null; matmulGigaflops: number },
): BenchRow[] {
  return Array.from(measurement.times).flatMap(([engine, times]) =>
    engine.startsWith(rivalPrefix) || times.length === 0
      ? []
      : [toRow(measurement, engine, { ...context, times })],
  );
}

function toRow(
  measurement: Measurement,
  engine: string,
  context: { config: string; flops: FlopCounts | null; matmulGigaflops: number; times: readonly number[] },
): BenchRow {
  const { kind, nfe, batch, megabytes } = measurement;
  const { config, flops, matmulGigaflops } = context;
  const milliseconds = median(context.times);
  return {
    config,
    kind,
    nfe,
    engine,
    batch,
    rounds: context.times.length,
    milliseconds,
    rivals: findRivals(measurement, context.times),
    peakShare: flops && flopsOf(measurement, flops) / (milliseconds * 1e6) / matmulGigaflops,
    megabytes: megabytes.get(engine) ?? null,
  };
}

function findRivals({ times, megabytes }: Measurement, own: readonly number[]): Rival[] {
  return Array.from(times)
    .flatMap(([name, theirs]) => {
      const ratio = medianRatio(own, theirs);
      if (!name.startsWith(rivalPrefix) || ratio === null) return [];
      const rival = { name: name.slice(rivalPrefix.length), milliseconds: median(theirs), ratio };
      return [{ ...rival, megabytes: megabytes.get(name) ?? null }];
    })
    .sort((one, other) => one.milliseconds - other.milliseconds);
}

function flopsOf({ nfe }: Measurement, flops: FlopCounts): number {
  return nfe === null ? flops.train : flops.encode + nfe * flops.predict;
}
