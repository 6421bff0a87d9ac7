/** Examines the machine: what a backend can do, measured in a child process because a native library may crash, and its graphics card. */

import { join } from 'node:path';

import type { RunConfig } from '../../shared/config/config.ts';
import type { BackendInfo, BackendKind, ExecutionKind } from '../../shared/run.ts';
import { findErrorMessage, runCommand } from './command.ts';

/** The card that WebGPU finds, or why there is none. */
export type CardFinding =
  (Required<Pick<BackendInfo, 'adapter' | 'api'>> & Pick<BackendInfo, 'version'>) | { readonly none: string };

/** Measurements that the child process prints. */
export interface BackendProbe {
  readonly info: BackendInfo;
  /** Why no better backend is used; null if it is the best. */
  readonly reason: string | null;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** Speed of a 1024³ float32 matrix product; null in a quick probe. */
  readonly gigaflops: number | null;
  /** Mean time of a small operation, in microseconds; null in a quick probe. */
  readonly microsecondsPerOperation: number | null;
  /** The card that WebGPU finds, or why there is none; null in a quick probe. */
  readonly card: CardFinding | null;
  /** How a training step would run, and why if it is eagerly; null in a quick probe. */
  readonly execution: { readonly kind: ExecutionKind; readonly reason: string | null } | null;
}

export interface ProbeOptions {
  readonly prefer: BackendKind | 'auto';
  readonly depth: 'quick' | 'full';
}

/**
 * Loads a backend in a child process and returns its measurements.
 * @throws Error with the child's error message if it does not load.
 */
export async function probeBackend(root: string, { prefer, depth }: ProbeOptions): Promise<BackendProbe> {
  const entry = join(root, 'main', 'compute', 'measure.ts');
  // The choice between a card and the processor measures both.
  const limit = depth === 'full' ? 480_000 : 120_000;
  const result = await runCommand(process.execPath, [entry, prefer, depth], { limit, folder: root });
  if (!result.isOk) throw new Error(findErrorMessage(result.stderr) || result.failure);
  return JSON.parse(result.stdout) as BackendProbe;
}

/**
 * Returns the milliseconds of a training step of a configuration on a backend, measured in a child process.
 * @throws Error with the child's error message if it does not run.
 */
export async function timeStep(root: string, kind: BackendKind, config: RunConfig): Promise<number> {
  const entry = join(root, 'main', 'compute', 'measure.ts');
  const args = [entry, kind, 'step', JSON.stringify(config)];
  const result = await runCommand(process.execPath, args, { limit: 180_000, folder: root });
  if (!result.isOk) throw new Error(findErrorMessage(result.stderr) || result.failure);
  return (JSON.parse(result.stdout) as { milliseconds: number }).milliseconds;
}

/** Returns the name of the first NVIDIA card; null if `nvidia-smi` finds none. */
export async function findGpu(): Promise<string | null> {
  const answer = await runCommand('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    limit: 15_000,
  });
  return answer.isOk ? answer.stdout.split('\n')[0].trim() || null : null;
}
