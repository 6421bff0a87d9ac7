/** Examines the machine: what a backend can do, measured in a child process because a native library may crash, and its graphics card. */

import { join } from 'node:path';

import type { BackendInfo, ExecutionKind } from '../../shared/run.ts';
import { findErrorMessage, runCommand } from './command.ts';

/** Measurements that the child process prints. */
export interface BackendProbe {
  readonly info: BackendInfo;
  /** Why native TensorFlow is not used; null if it is. */
  readonly reason: string | null;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** Speed of a 1024³ float32 matrix product; null in a quick probe. */
  readonly gigaflops: number | null;
  /** Mean time of a small operation, in microseconds; null in a quick probe. */
  readonly microsecondsPerOperation: number | null;
  /** How a training step would run, and why if it is eagerly; null in a quick probe. */
  readonly execution: { readonly kind: ExecutionKind; readonly reason: string | null } | null;
}

export interface ProbeOptions {
  readonly prefer: 'tensorflow' | 'wasm' | 'auto';
  readonly depth: 'quick' | 'full';
}

/**
 * Loads a backend in a child process and returns its measurements.
 * @throws Error with the child's error message if it does not load.
 */
export async function probeBackend(root: string, { prefer, depth }: ProbeOptions): Promise<BackendProbe> {
  const entry = join(root, 'main', 'compute', 'measure.ts');
  const result = await runCommand(process.execPath, [entry, prefer, depth], { limit: 120_000, folder: root });
  if (!result.isOk) throw new Error(findErrorMessage(result.stderr) || result.failure);
  return JSON.parse(result.stdout) as BackendProbe;
}

/** Returns the name of the first NVIDIA card; null if `nvidia-smi` finds none. */
export async function findGpu(): Promise<string | null> {
  const answer = await runCommand('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    limit: 15_000,
  });
  return answer.isOk ? answer.stdout.split('\n')[0].trim() || null : null;
}
