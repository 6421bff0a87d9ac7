/** The doctor's report about a machine. */

import type { BackendKind, ExecutionKind } from './run.ts';

export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** How to fix it; null if nothing is wrong. */
  readonly fix: string | null;
}

export interface DoctorReport {
  readonly backend: BackendKind | null;
  readonly version: string | null;
  readonly device: 'CPU' | 'GPU' | null;
  /** The card that WebGPU uses, and the interface it is reached through. */
  readonly adapter?: string;
  readonly api?: string;
  /** One sentence for each better backend that is not used. */
  readonly whyNotBetter: readonly string[];
  readonly threads: number | null;
  readonly gigaflops: number | null;
  readonly microsecondsPerOperation: number | null;
  /** How training steps run; null when nothing can be computed. */
  readonly execution: ExecutionKind | null;
  readonly nodeVersion: string;
  readonly platform: string;
  readonly gpu: string | null;
  /** null if the account has no home folder and none was named. */
  readonly dataFolder: string | null;
  readonly freeBytes: number | null;
  readonly checks: readonly DoctorCheck[];
}
