/** Ask a child process what a backend can do, so that a native library that crashes cannot take this process with it. */

import { join } from 'node:path';

import type { BackendInfo, ExecutionKind } from '../../shared/run.ts';
import { findErrorMessage, runCommand } from './command.ts';

/** What the child process prints. */
export interface BackendProbe {
  readonly info: BackendInfo;
  /** Why it is not native TensorFlow; null when it is. */
  readonly reason: string | null;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** Of a 1024³ float32 matrix product; null when quick. */
  readonly gigaflops: number | null;
  /** Mean time of a small operation, in microseconds; null when quick. */
  readonly microsecondsPerOperation: number | null;
  /** How a training step would run, and why where it is eagerly; null when quick. */
  readonly execution: { readonly kind: ExecutionKind; readonly reason: string | null } | null;
}

export interface ProbeOptions {
  readonly prefer: 'tensorflow' | 'wasm' | 'auto';
  readonly depth: 'quick' | 'full';
}

/**
 * Load a backend in a child process and report it.
 * @throws Error with the child's last words when it does not load.
 */
export async function probeBackend(root: string, { prefer, depth }: ProbeOptions): Promise<BackendProbe> {
  const entry = join(root, 'main', 'compute', 'measure.ts');
  const result = await runCommand(process.execPath, [entry, prefer, depth], { limit: 120_000, folder: root });
  if (!result.isOk) throw new Error(findErrorMessage(result.stderr) || result.failure);
  return JSON.parse(result.stdout) as BackendProbe;
}

/** The name of the first NVIDIA card, or null when `nvidia-smi` does not answer. */
export async function findGpu(): Promise<string | null> {
  const answer = await runCommand('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    limit: 15_000,
  });
  return answer.isOk ? answer.stdout.split('\n')[0].trim() || null : null;
}
