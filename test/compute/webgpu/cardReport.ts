/** What the program of the tests on a card prints; numbers are largest differences from the processor. */

import type { BackendInfo } from '../../../shared/run.ts';
import type { KernelComparison } from './recordKernels.ts';

/** By the kind of an entry of the state, relative to the largest number of that kind. */
type StateDifference = Record<string, number>;

/** The message of a card that failed, and whether a checkpoint was refused after that. */
interface CardFailure {
  message: string;
  saved: string;
}

export interface CardReport {
  info: BackendInfo;
  random: { uniform: number; normal: number };
  /** Relative, except for the samples. */
  trainings: Record<string, { loss: number; gradNorm: number; sample: number; state: StateDifference }>;
  resumed: {
    /** Whether a run that was paused ends in the same state, bit for bit. */
    isEqual: boolean;
    /** The same run continued on the processor. */
    onProcessor: StateDifference;
    /** A step whose update is computed operation by operation. */
    unfused: StateDifference;
    /** Tensors and buffers of the card that further steps left behind. */
    grown: { tensors: number; buffers: number };
  };
  inpainted: number;
  /** By program and transposed matrices, in ulps of the largest number. */
  products: Record<string, number>;
  /** Of more tensors than a card reads at a time, in ulps of the largest number. */
  sums: number;
  /** Buffers of the card after each quarter of a number of steps. */
  buffers: number[];
  kernels: KernelComparison;
  failures: { error: CardFailure; memory: CardFailure; lost: CardFailure };
}
