/** A run as the store keeps it and all views show it, and its progress within its budget. */

import type { RunConfig } from './config/config.ts';
import type { DatasetInfo } from './dataset.ts';

export const runStatuses = [
  'queued',
  'running',
  /** By request of the user; the newest checkpoint is the current state. */
  'paused',
  /** Ended between two checkpoints: its process died (found at the next start), or Ctrl-C was pressed twice. */
  'interrupted',
  'finished',
  /** Stopped by the user before the end of its budget. */
  'stopped',
  /** Loss, gradient or weights became NaN or infinite. */
  'diverged',
  /** The compute process failed; `error` says why. */
  'crashed',
] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Statuses from which `resume` continues. */
export const resumableStatuses: readonly RunStatus[] = [
  'queued',
  'paused',
  'interrupted',
  'stopped',
  'crashed',
];

/** `tensorflow`: native TensorFlow; `webgpu`: any graphics card; `wasm`: the fallback that always works. */
export const backendKinds = ['tensorflow', 'webgpu', 'wasm'] as const;
export type BackendKind = (typeof backendKinds)[number];

/** The variable that forces a backend; the application's setting sets it for the processes that compute. */
export const backendVariable = 'SPARSE_FIELD_LAB_BACKEND';

/** What to do if a forced backend does not load. */
export const chooseAnotherBackend = `Choose another backend: "Compute with" in the settings, or ${backendVariable}=auto`;

/** The backend that computed a run. */
export interface BackendInfo {
  readonly kind: BackendKind;
  readonly device: 'CPU' | 'GPU';
  /** TensorFlow's version, or that of the package of another backend. */
  readonly version: string;
  /** The graphics card of `webgpu`, as its driver names it. */
  readonly adapter?: string;
  /** The interface through which `webgpu` reaches it: Metal, Direct3D 12 or Vulkan. */
  readonly api?: string;
  /** How training steps ran: as a compiled graph or operation by operation. Absent until the first step. */
  readonly execution?: ExecutionKind;
}

export type ExecutionKind = 'compiled' | 'eager';

export interface RunRecord {
  /** Short id: 8 characters of [a-z2-7]. */
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly preset: string;
  readonly config: RunConfig;
  readonly dataset: DatasetInfo | null;
  readonly backend: BackendInfo | null;
  /** Last step committed to the store. */
  readonly step: number;
  readonly totalSteps: number | null;
  readonly epoch: number;
  /** Training seconds over all segments. */
  readonly processSeconds: number;
  /** Newest loss, and the best evaluation so far. */
  readonly loss: number | null;
  readonly bestPsnr: number | null;
  /** One sentence and the next step; null unless crashed or diverged. */
  readonly error: string | null;
  /** What is wrong with a run that trains, and what to try; null if nothing is known. */
  readonly warning: string | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface CheckpointRecord {
  readonly runId: string;
  readonly step: number;
  /** File name inside the run's folder, e.g. `ckpt-1200.safetensors`. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 (hex) of the file's data area. */
  readonly sha256: string;
  readonly isBest: boolean;
  readonly createdAt: string;
}

/** A preview image with rows of truth, observed pixels and result, written at one step. */
export interface PreviewRecord {
  readonly runId: string;
  readonly step: number;
  /** File name inside the run's folder, e.g. `preview-1200.png`. */
  readonly file: string;
  readonly createdAt: string;
}

/** One uninterrupted stretch of computing. */
export interface SegmentRecord {
  readonly runId: string;
  readonly fromStep: number;
  readonly toStep: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly backend: BackendInfo;
}

/** Returns 0 to 1, of steps or of minutes, whichever is closer to its end; 1 for a finished run, null while unknown. */
export function budgetFraction(run: {
  readonly status: RunStatus;
  readonly step: number;
  readonly totalSteps: number | null;
  readonly processSeconds: number;
  /** Budget in minutes; null: none. */
  readonly minutes: number | null;
}): number | null {
  if (run.status === 'finished') return 1;
  const fractions = [
    ...(run.totalSteps ? [run.step / run.totalSteps] : []),
    ...(run.minutes ? [run.processSeconds / (60 * run.minutes)] : []),
  ];
  return fractions.length === 0 ? null : Math.min(1, Math.max(...fractions));
}
