/** Everything that the view of one run shows, except its curves. */

import type { TrainingReferences } from './comparison/trainingReferences.ts';
import type { Evaluation, MetricName } from './metric.ts';
import type { RunSummary, BranchPoint } from './runList.ts';
import type { CheckpointRecord, PreviewRecord, RunRecord, SegmentRecord } from './run.ts';

export interface RunDetail {
  readonly run: RunRecord;
  readonly summary: RunSummary;
  readonly note: string;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointRecord[];
  readonly segments: readonly SegmentRecord[];
  /** Newest first. */
  readonly evaluations: readonly RunEvaluation[];
  /** By step; their images are at `previewPath`. */
  readonly previews: readonly PreviewRecord[];
  /** The run it was branched from, and where; null for most. */
  readonly branchedFrom: BranchPoint | null;
  /** What classical methods score on the images it is evaluated on while it trains; null if not known. */
  readonly references: TrainingReferences | null;
  /** Bytes of its folder. */
  readonly bytes: number;
  /** ID of its dataset in the library; null if it is no longer listed. */
  readonly datasetId: string | null;
}

export interface RunEvaluation extends Evaluation {
  readonly step: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Returns the address of a preview below the media root, an 8-bit PNG. */
export function previewPath(runId: string, step: number): string {
  return `runs/${runId}/previews/${step}.png`;
}

/** Returns the address below the media root of a dataset's contact sheet: 8 × 8 images of 32 × 32 pixels. */
export function contactSheetPath(datasetId: string): string {
  return `data/${datasetId}/sheet.png`;
}

/** Returns the address below the media root of all logged points of a run as CSV. */
export function runMetricsMedia(runId: string): string {
  return `runs/${runId}/metrics.csv`;
}

/** Returns the address below the media root of all logged points of one metric of several runs as CSV. */
export function metricMedia(name: MetricName, runIds: readonly string[]): string {
  return `metrics/${name}/${runIds.join('.')}.csv`;
}
