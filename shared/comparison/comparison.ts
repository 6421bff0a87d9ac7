/** Several runs compared with each other: the data of the comparison page and of reports. */

import { z } from 'zod';
import type { RunConfig } from '../config/config.ts';
import type { Evaluation } from '../metric.ts';
import type { CheckpointRecord } from '../run.ts';
import { runIdSchema, type RunSummary } from '../runList.ts';

/** Two to ten runs, each once, in the order they are shown. */
export const comparedIdsSchema = z
  .array(runIdSchema)
  .min(2, 'at least two runs are compared')
  .max(10, 'at most ten runs are compared')
  .refine((ids) => new Set(ids).size === ids.length, 'each run once');

/** Intermediate states of the first sample of a row, from t = 0 to the scored images. */
const evaluationStateSchema = z.strictObject({
  /** Method of the row. */
  method: z.string(),
  /** One time for all images, or one per image if the solver chooses its own steps: 0 is the start, 1 the scored image. */
  times: z.array(z.number().min(0).max(1)).min(1).readonly(),
  /** Index in `sheets`; values outside [0, 1] are clipped in the image. */
  sheet: z.int().min(0),
});
export type EvaluationState = Readonly<z.infer<typeof evaluationStateSchema>>;

/** The images behind an evaluation's numbers, kept as sheets: image i is at column i mod columns, row ⌊i / columns⌋. */
export const imageSheetsSchema = z.strictObject({
  /** Number of images on each sheet, from the first image of the protocol on. */
  images: z.int().min(1),
  columns: z.int().min(1),
  imageSize: z.int().min(1),
  /**
   * `truth`, `known` (transparent where nothing is known), the methods of the rows, and then the intermediate states, in the
   * order of their sheets.
   */
  sheets: z.array(z.string()).readonly(),
  /** Empty for evaluations of earlier versions and without samples. */
  states: z.array(evaluationStateSchema).readonly().default([]),
});
export type ImageSheets = Readonly<z.infer<typeof imageSheetsSchema>>;

/** An evaluation of one run, with its id in the store. */
export interface ComparedEvaluation extends Evaluation {
  readonly id: number;
  readonly step: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** null if its images were not kept or are missing. */
  readonly imageSheets: ImageSheets | null;
}

export interface ComparedRun {
  readonly summary: RunSummary;
  readonly config: RunConfig;
  /** Newest first. */
  readonly evaluations: readonly ComparedEvaluation[];
  /** The stored checkpoints, newest first. */
  readonly checkpoints: readonly Pick<CheckpointRecord, 'step' | 'sha256'>[];
}

/** The steps at which a run has previews, ascending; the images are at `previewPath`. */
export interface RunPreviews {
  readonly runId: string;
  readonly steps: readonly number[];
}

/** Returns the path below the media root of a sheet of an evaluation's images; `sheet` counts `ImageSheets.sheets` from 0. */
export function evaluationSheetPath(runId: string, evaluationId: number, sheet: number): string {
  return `runs/${runId}/evaluations/${evaluationId}/${sheet}.png`;
}

/** The request for a report. */
export const reportRequestSchema = z.strictObject({
  ids: comparedIdsSchema,
  title: z.string().trim().max(200).default(''),
  /** The question that the report answers, as the user wrote it; may be empty. */
  question: z.string().trim().max(2000).default(''),
  /** Whether to write a PDF too, with the desktop application or an installed Chromium. */
  pdf: z.boolean().default(false),
});
export type ReportRequest = z.infer<typeof reportRequestSchema>;

/** A written report; its files are below `reports/<id>/` of the media root. */
export interface ReportEntry {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Sentences on missing parts, such as the PDF if there is no browser. */
  readonly notes: readonly string[];
}

/** Returns the path of a report's file below the media root. */
export function reportFilePath(id: string, name: string): string {
  return `reports/${id}/${name}`;
}
