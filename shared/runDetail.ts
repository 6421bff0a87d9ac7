/** Everything the view of one run shows, curves aside. */

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
  /** By step; their pictures are at `previewPath`. */
  readonly previews: readonly PreviewRecord[];
  /** The run it was branched from, and where; null for most. */
  readonly branchedFrom: BranchPoint | null;
  /** Bytes of its folder. */
  readonly bytes: number;
  /** Id of its data set in the library; null where it is not listed there any more. */
  readonly dataSetId: string | null;
}

export interface RunEvaluation extends Evaluation {
  readonly step: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Path below the media root of a preview: rows of truth / observed / result side by side, 8-bit PNG. */
export function previewPath(runId: string, step: number): string {
  return `runs/${runId}/previews/${step}.png`;
}

/** Path below the media root of the first 64 pictures of a data set, 8 × 8, each 32 × 32 pixels. */
export function contactSheetPath(dataSetId: string): string {
  return `data/${dataSetId}/sheet.png`;
}

/** The address of every logged point of a run as CSV, below the media root. */
export function runMetricsMedia(runId: string): string {
  return `runs/${runId}/metrics.csv`;
}

/** The address of every logged point of one metric of several runs as CSV, below the media root. */
export function metricMedia(name: MetricName, runIds: readonly string[]): string {
  return `metrics/${name}/${runIds.join('.')}.csv`;
}
