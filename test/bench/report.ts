/** The records behind the tables of a benchmark, which --json prints, and how they are computed from measurements. */

import type { FlopCounts } from './engine/countFlops.ts';
import { median, medianRatio } from './rounds.ts';

export type EngineKind = 'compiled' | 'eager';
/** The engine twice, plain PyTorch, and PyTorch with torch.compile. */
export type ContestantName = EngineKind | 'pytorchEager' | 'pytorchCompiled';

export interface MachineInfo {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  /** Backend of the engine, such as `TensorFlow 2.21.0`. */
  readonly tensorflow: string;
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
  readonly engine: EngineKind;
  readonly batch: number;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly pytorchEager: number | null;
  readonly pytorchCompiled: number | null;
  readonly ratioToPytorchEager: number | null;
  readonly ratioToPytorchCompiled: number | null;
  /** Speed of the engine's matrix products relative to the measured product; null without graphs. */
  readonly peakShare: number | null;
  /** Peak main memory of the process after set-up and training; null for sampling. */
  readonly megabytes: number | null;
  readonly pytorchEagerMegabytes: number | null;
  readonly pytorchCompiledMegabytes: number | null;
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

const engines: readonly EngineKind[] = ['compiled', 'eager'];

/** Returns a row for every engine that finished. `flops` is null if nothing could be traced. */
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
