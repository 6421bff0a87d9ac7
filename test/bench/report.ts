/** What a benchmark comes to: the records behind the tables, and the whole object that --json prints. */

export type EngineKind = 'compiled' | 'eager';
/** The engine twice, PyTorch as people write it, and PyTorch with torch.compile. */
export type ContestantName = EngineKind | 'pytorchEager' | 'pytorchCompiled';

export interface MachineInfo {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  /** What the engine computes with, e.g. `TensorFlow 2.21.0`. */
  readonly tensorflow: string;
  readonly device: 'CPU' | 'GPU';
  /** Version of PyTorch; null if it is not installed. */
  readonly torch: string | null;
  /** The fastest of several square float32 products of the given size, in this run. */
  readonly matmulGigaflops: number;
  readonly matmulSize: number;
  /** Why the times are doubtful; null when nothing else was running at the start. */
  readonly disturbance: string | null;
}

/**
 * One thing measured: a training step, or the sampling of `batch` whole images. Milliseconds are medians over rounds;
 * ratios are medians of (ours / PyTorch's) within a round, below 1 where the engine is the faster one.
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
  /** Of the matrix products alone, as the engine computes them, against the measured product; null without graphs. */
  readonly peakShare: number | null;
  /** Most main memory of the process after set-up and training; null for sampling. */
  readonly megabytes: number | null;
  readonly pytorchEagerMegabytes: number | null;
  readonly pytorchCompiledMegabytes: number | null;
}

/** A compiled training step of the tiny preset when one of its sizes is doubled. */
export interface GrowthRow {
  readonly quantity: 'batch' | 'latents' | 'pixels';
  readonly from: number;
  readonly to: number;
  readonly milliseconds: number;
  /** To the preset's own step, within a round. */
  readonly ratio: number;
}

/** How much of a step of the real training loop is not TensorFlow's: batch making, tensors in and out, the loop. */
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
