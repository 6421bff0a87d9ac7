/** Several runs compared with each other: the data of the comparison page and of reports. */

import { z } from 'zod';
import type { RunConfig } from '../config/config.ts';
import type { Evaluation } from '../metric.ts';
import type { CheckpointRecord } from '../run.ts';
import { type Grouping, groupingSchema } from '../runGroups.ts';
import { runIdSchema, type RunSummary } from '../runList.ts';

/** Most runs of a comparison. */
export const mostCompared = 10;
/** Most groups of runs of a comparison. */
export const mostGroups = 10;
/** Most runs in all groups of a comparison. */
export const mostGroupedRuns = 200;
/** Most runs of which the best groups are compared. */
export const mostListedRuns = 5000;

function idsSchema(least: number, problem: string, most = mostCompared) {
  return z
    .array(runIdSchema)
    .min(least, problem)
    .max(most, `at most ${most === 10 ? 'ten' : most} runs are compared`)
    .refine((ids) => new Set(ids).size === ids.length, 'each run once');
}

/** Two to ten runs, each once, in the order they are shown. */
export const comparedIdsSchema = idsSchema(2, 'at least two runs are compared');

/** Runs that are compared in groups, in the order they are shown. */
export const groupedIdsSchema = idsSchema(2, 'at least two runs are compared', mostListedRuns);
/** Runs that are evaluated on one protocol. */
export const evaluatedIdsSchema = idsSchema(2, 'at least two runs are compared', mostGroupedRuns);

export const comparisonNameSchema = z.string().trim().min(1, 'a name is needed').max(120);

/** A comparison to save. */
export const comparisonSchema = z
  .strictObject({
    name: comparisonNameSchema,
    ids: groupedIdsSchema,
    /** What the runs are grouped by; null: each is compared by itself. */
    groupBy: groupingSchema.nullable().default(null),
  })
  .refine(({ ids, groupBy }) => groupBy !== null || ids.length <= mostCompared, {
    message: 'at most ten runs are compared one by one; group them to compare more',
    path: ['ids'],
  });

/** Runs of the groups that are compared. */
export interface GroupedRuns {
  /** In the order of the request. */
  readonly runs: readonly ComparedRun[];
  /** Groups of all requested runs; more than are compared if only the best ones are. */
  readonly groups: number;
}

/** An intermediate state of the first sample of a row; the state at time 1 is the images of the row itself. */
const evaluationStateSchema = z.strictObject({
  /** Of the row. */
  method: z.string(),
  /** One of all images, or one of each where the solver finds its own steps: 0 the start, 1 as it is scored. */
  times: z.array(z.number().min(0).max(1)).min(1).readonly(),
  /** Its index in `sheets`; values outside [0, 1] are clipped in the image. */
  sheet: z.int().min(0),
});
export type EvaluationState = Readonly<z.infer<typeof evaluationStateSchema>>;

/** The images behind an evaluation's numbers, kept as sheets: image i is at column i mod columns, row ⌊i / columns⌋. */
export const imageSheetsSchema = z.strictObject({
  /** Images on each sheet: the protocol's first so many. */
  images: z.int().min(1),
  columns: z.int().min(1),
  imageSize: z.int().min(1),
  /**
   * `truth`, `known` (transparent where nothing is known), the methods of the rows, and then the states on the way, in the
   * order of their sheets.
   */
  sheets: z.array(z.string()).readonly(),
  /** Empty: made before they were kept, or no sample was drawn. */
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
  /** The sweep that it belongs to; absent: none. The name is null if the sweep is not here. */
  readonly sweep?: { readonly id: string; readonly name: string | null };
  readonly config: RunConfig;
  /** The images it is trained on; null for a run that never started. */
  readonly dataset: { readonly checksum: string; readonly images: number } | null;
  /** Newest first. */
  readonly evaluations: readonly ComparedEvaluation[];
  /** Those that are kept, newest first. */
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

/** A comparison that was given a name. */
export interface SavedComparison {
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** What its runs are grouped by; null: each is compared by itself. */
  readonly groupBy: Grouping | null;
  /** In the order of the comparison; null instead of the name of a run that was deleted permanently. */
  readonly runs: readonly { readonly id: string; readonly name: string | null }[];
}

/** The sections of a report in their order, by their ids; the introduction is there if there is one. */
export const reportSectionTitles = {
  question: 'Question and answer',
  protocol: 'Protocol',
  results: 'Results',
  baselines: 'Against classical methods',
  training: 'Training',
  images: 'Side by side',
  uncertainty: 'Uncertainty',
  cost: 'Quality against cost',
  configurations: 'Configurations',
  provenance: 'Environment and provenance',
  reproduce: 'How to make it again',
  all: 'All results',
} as const;
export type ReportSectionId = keyof typeof reportSectionTitles;
export const reportSectionIds = Object.keys(reportSectionTitles) as ReportSectionId[];

/** How a report is to be made; of one run, or of several that are compared. */
export const reportRequestSchema = z
  .strictObject({
    ids: idsSchema(1, 'a report is about at least one run', mostGroupedRuns),
    /** What the runs are grouped by; null: each is compared by itself. */
    groupBy: groupingSchema.nullable().default(null),
    title: z.string().trim().max(200).default(''),
    /** The question it answers, as the user wrote it; may be empty. */
    question: z.string().trim().max(2000).default(''),
    /** Text before the first section, in Markdown; may be empty. */
    introduction: z.string().trim().max(20_000).default(''),
    /** Sections to include; default: all that have content. */
    sections: z
      .array(z.enum(reportSectionIds))
      .min(1, 'choose at least one section')
      .default([...reportSectionIds]),
    /** Also a PDF, by the desktop or a Chromium that is found. */
    pdf: z.boolean().default(false),
  })
  .refine(({ ids, groupBy }) => groupBy !== null || ids.length <= mostCompared, {
    message: 'at most ten runs are compared one by one; group them to compare more',
    path: ['ids'],
  });
export type ReportRequest = z.infer<typeof reportRequestSchema>;

/** A written report; its files are below `reports/<id>/` of the media root, and all of them in `reports/<id>.zip`. */
export interface ReportEntry {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Absolute path where it was written. */
  readonly folder: string;
  /** Whether it is still there. */
  readonly isThere: boolean;
  readonly runs: SavedComparison['runs'];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Why a part of it is missing, for people: no PDF without a browser. Empty for a report of the list. */
  readonly notes: readonly string[];
}

/** What the numbers of a report say about it. */
export const reportDescriptionSchema = z.object({
  title: z.string(),
  createdAt: z.string(),
  runs: z.array(z.object({ summary: z.object({ id: runIdSchema }) })),
});
export type ReportDescription = z.infer<typeof reportDescriptionSchema>;

/** Path below the media root of a report's file. */
export function reportFilePath(id: string, name: string): string {
  return `reports/${id}/${name}`;
}

/** Path below the media root of all files of a report. */
export function reportArchivePath(id: string): string {
  return `reports/${id}.zip`;
}

/** Returns whether a file in the folder of a report is part of it, judged by its name. */
export function isReportFile(name: string): boolean {
  return /^(?:report\.(?:html|pdf)|numbers\.json|figure\.png|(?:comparison|groups)\.(?:csv|md|tex)|chart-[a-z-]{1,20}(?:-\d{1,2})?\.svg)$/.test(
    name,
  );
}
