/** The machine that the benchmark runs on. */

import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { BackendInfo } from '../../shared/run.ts';
import { formatDevice } from '../../shared/text/format.ts';
import type { ProductSpeed } from './engine/work.ts';
import type { MachineInfo } from './report.ts';

export interface MachineSize {
  readonly device: 'CPU' | 'GPU';
  readonly cores: number;
  readonly memoryBytes: number;
}

/** The Python interpreter with PyTorch that the engine is compared with. */
export interface TwinInfo {
  readonly python: string;
  readonly version: string;
  /** `mps`: a card of Apple. */
  readonly device: 'cpu' | 'cuda' | 'mps';
}

export function measureMachine(device: 'CPU' | 'GPU'): MachineSize {
  // A container may have less memory than the machine.
  const limit = process.constrainedMemory() || Infinity;
  return { device, cores: availableParallelism(), memoryBytes: Math.min(totalmem(), limit) };
}

/** Returns why the times of this run are unreliable (above all those of PyTorch, whose threads wait for each other), or null. */
export function findDisturbance(cores: number, [load]: readonly number[] = loadavg()): string | null {
  if (load < cores / 4) return null;
  return (
    `Other programs keep this machine busy (load ${load.toFixed(1)} on ${cores} cores): ` +
    'end them and measure again before quoting these numbers.'
  );
}

export function describeMachine(
  { cores, memoryBytes }: MachineSize,
  parts: { backend: BackendInfo; twin: TwinInfo | null; product: ProductSpeed; disturbance: string | null },
): MachineInfo {
  const { backend, twin, product, disturbance } = parts;
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryGigabytes: Math.round(memoryBytes / 1e8) / 10,
    node: process.versions.node,
    backend: formatDevice(backend),
    device: backend.device,
    torch: twin?.version ?? null,
    matmulGigaflops: product.gigaflops,
    matmulSize: product.size,
    disturbance,
  };
}
