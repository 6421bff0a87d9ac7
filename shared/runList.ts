/** The list of runs: its query and its rows. */

import { z } from 'zod';
import type { ScoreBasis } from './comparison/scoreBasis.ts';
import { type BackendInfo, type RunStatus, runStatuses } from './run.ts';

export const runIdSchema = z
  .string()
  .regex(/^[a-z2-7]{8}$/, 'expected a run id: 8 characters of a-z and 2-7');
export const runIdsSchema = z.array(runIdSchema).min(1).max(10_000);

/** Columns of a row, in the default order. */
export const runColumnSchema = z.enum([
  'status',
  'name',
  'preset',
  'method',
  'field',
  'source',
  'device',
  'step',
  'progress',
  // The loss curve; the key is part of stored settings.
  'course',
  'loss',
  'bestPsnr',
  'gain',
  'bestSsim',
  'processSeconds',
  'createdAt',
  'updatedAt',
  'tags',
]);
export const runColumns = runColumnSchema.options;
export type RunColumn = z.infer<typeof runColumnSchema>;

/** Columns to sort by. */
const runSortKeySchema = runColumnSchema.exclude(['method', 'field', 'device', 'progress', 'course', 'tags']);
export const runSortKeys = runSortKeySchema.options;
export type RunSortKey = z.infer<typeof runSortKeySchema>;

export const runSortSchema = z.strictObject({ by: runSortKeySchema, descending: z.boolean() });

export const runViews = ['active', 'archived', 'trash'] as const;

export const runQuerySchema = z.strictObject({
  view: z.enum(runViews).default('active'),
  /** Terms that must all occur in name, ID, preset, data source, tags or note, ignoring case. */
  text: z.string().max(200).default(''),
  /** Empty: any. */
  statuses: z.array(z.enum(runStatuses)).default([]),
  presets: z.array(z.string().max(120)).max(50).default([]),
  /** Only runs with all of these tags. */
  tags: z.array(z.string().max(40)).max(50).default([]),
  /** Only runs with a checkpoint. */
  hasCheckpoint: z.boolean().optional(),
  /** The first key decides, the next ones break ties; then newest first. */
  sort: z.array(runSortSchema).max(runSortKeys.length).default([]),
});
export type RunQuery = z.infer<typeof runQuerySchema>;

/** One row of the list, kept small because there may be ten thousand. */
export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly preset: string;
  /** Name of the method as in tables, e.g. `flow`. */
  readonly method: string;
  readonly field: string;
  /** Short name of the data source, without the folders of its path. */
  readonly source: string;
  readonly backend: BackendInfo | null;
  readonly step: number;
  /** null while unknown and if a budget in minutes ends the run. */
  readonly totalSteps: number | null;
  /** Fraction of the budget, 0 to 1, in steps or minutes, whichever is further; null while unknown. */
  readonly fraction: number | null;
  readonly epoch: number;
  readonly processSeconds: number;
  readonly loss: number | null;
  /** dB. */
  readonly bestPsnr: number | null;
  readonly bestSsim: number | null;
  /** By how many dB `bestPsnr` exceeds the PSNR of the thin plate on the same images; null while not known. */
  readonly gain: number | null;
  /** What `bestPsnr` and `bestSsim` are measured on. */
  readonly scores: ScoreBasis;
  readonly tags: readonly string[];
  readonly hasNote: boolean;
  readonly archived: boolean;
  /** One sentence; null if nothing went wrong. */
  readonly error: string | null;
  /** What is wrong with a run that trains, and what to try; null if nothing is known. */
  readonly warning: string | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** null: not in the trash. */
  readonly deletedAt: string | null;
}

export interface RunPage {
  /** Rows of the whole list. */
  readonly total: number;
  readonly rows: readonly RunSummary[];
}

/** Number of runs with each value, for the filter chips. Counts respect the view but no other filters. */
export interface RunFacets {
  readonly views: Readonly<Record<(typeof runViews)[number], number>>;
  readonly statuses: readonly Facet[];
  readonly presets: readonly Facet[];
  readonly tags: readonly Facet[];
}

export interface Facet {
  readonly value: string;
  readonly count: number;
}

/** The loss curve of a run in at most 32 points, for the sparkline in its row. */
export interface LossCurve {
  readonly id: string;
  readonly values: readonly number[];
}

export const tagSchema = z.string().trim().min(1).max(40);
export const noteSchema = z.string().max(20_000);

/** The sweep that a run belongs to, and its number among the members, from 0. */
export const sweepLinkSchema = z.strictObject({ sweepId: runIdSchema, member: z.int().min(0).max(10_000) });
export type SweepLink = z.infer<typeof sweepLinkSchema>;

/** Tags, note, archive, where the run was branched from, and its sweep. */
export const runMarksSchema = z.strictObject({
  tags: z.array(tagSchema).max(1000),
  note: noteSchema,
  /** ISO 8601, UTC; null: not archived. */
  archivedAt: z.iso.datetime().nullable(),
  /** A checkpoint of another run. */
  branchedFrom: z.strictObject({ runId: runIdSchema, step: z.int().min(0) }).nullable(),
  /** Absent: it belongs to none. The sweep may be unknown here. */
  sweep: sweepLinkSchema.optional(),
});
export type RunMarks = z.infer<typeof runMarksSchema>;
export type BranchPoint = NonNullable<RunMarks['branchedFrom']>;
