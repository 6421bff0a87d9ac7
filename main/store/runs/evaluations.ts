/** Rows of the table `evaluations`: comparison tables, each with the protocol it was measured by. */

import {
  type ComparedEvaluation,
  type ComparedRun,
  type ImageSheets,
  imageSheetsSchema,
} from '../../../shared/comparison/comparison.ts';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { type Evaluation, evaluationSchema } from '../../../shared/metric.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';
import type { LabDatabase } from '../database/database.ts';
import { findSweepById } from '../sweeps.ts';
import { listCheckpointRows } from './checkpoints.ts';
import { readMarks } from './runMarks.ts';
import { readSummaries } from './runList.ts';
import { getRun, unknownRun } from './runs.ts';

/** An evaluation of a run's weights at one step. */
export interface StoredEvaluation extends ComparedEvaluation {
  readonly runId: string;
}

interface EvaluationRow {
  readonly id: number;
  readonly step: number;
  readonly created_at: string;
  readonly protocol: string;
  readonly rows: string;
  /** JSON of `ImageSheets`. */
  readonly pictures: string | null;
}

/** Inserts an evaluation; a step may have several. `createdAt` defaults to now. @returns the stored evaluation. */
export function insertEvaluation(
  db: LabDatabase,
  evaluation: Evaluation & { readonly runId: string; readonly step: number; readonly createdAt?: string },
): StoredEvaluation {
  const { createdAt = new Date().toISOString() } = evaluation;
  const { lastInsertRowid } = db
    .prepare('INSERT INTO evaluations (run_id, step, created_at, protocol, rows) VALUES (?, ?, ?, ?, ?)')
    .run(
      evaluation.runId,
      evaluation.step,
      createdAt,
      JSON.stringify(evaluation.protocol),
      stringifyJson(evaluation.rows),
    );
  return { ...evaluation, id: Number(lastInsertRowid), createdAt, imageSheets: null };
}

/** Records that the sheets of an evaluation were written. */
export function setImageSheets(db: LabDatabase, id: number, imageSheets: ImageSheets): void {
  db.prepare('UPDATE evaluations SET pictures = ? WHERE id = ?').run(JSON.stringify(imageSheets), id);
}

/** Returns the sheets of an evaluation; null when this run has no such evaluation or it has no sheets. */
export function findImageSheets(db: LabDatabase, runId: string, id: number): ImageSheets | null {
  const query = 'SELECT pictures FROM evaluations WHERE id = ? AND run_id = ?';
  return parseImageSheets(db.prepare<[number, string], string | null>(query).pluck().get(id, runId) ?? null);
}

/** Lists the evaluations, newest first. @throws Error when a stored one does not match the schema. */
export function listEvaluations(db: LabDatabase, runId: string): StoredEvaluation[] {
  return [...iterateEvaluations(db, runId)];
}

/** Yields the evaluations as `listEvaluations` does, with one in memory at a time. */
export function* iterateEvaluations(db: LabDatabase, runId: string): Generator<StoredEvaluation, undefined> {
  const ids = db
    .prepare<[string], number>('SELECT id FROM evaluations WHERE run_id = ? ORDER BY id DESC')
    .pluck()
    .all(runId);
  const query = db.prepare<[number], EvaluationRow>(
    'SELECT id, step, created_at, protocol, rows, pictures FROM evaluations WHERE id = ?',
  );
  for (const id of ids) {
    const row = query.get(id);
    if (!row) continue;
    const imageSheets = parseImageSheets(row.pictures);
    const { step, created_at: createdAt } = row;
    yield { runId, id, step, createdAt, imageSheets, ...parseEvaluation(runId, row) };
  }
}

/** Parses the description of sheets. One that does not match the schema counts as none, so that the evaluation stays readable. */
function parseImageSheets(text: string | null): ImageSheets | null {
  return text === null ? null : (imageSheetsSchema.safeParse(JSON.parse(text)).data ?? null);
}

function parseEvaluation(runId: string, row: EvaluationRow): Evaluation {
  const result = evaluationSchema.safeParse({
    protocol: JSON.parse(row.protocol),
    rows: JSON.parse(row.rows),
  });
  if (result.success) return result.data;
  const fault = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new Error(
    `The evaluation of run ${runId} at step ${row.step} is not readable: ${fault}. Open it with the version that wrote it, or evaluate again.`,
  );
}

/**
 * Reads a run with its evaluations and checkpoints, for comparisons.
 * @throws UnknownRunError; Error when its configuration or an evaluation is not readable.
 */
export function readComparedRun(db: LabDatabase, id: string): ComparedRun {
  const { config, dataset } = getRun(db, id);
  const [summary] = readSummaries(db, [id]);
  if (!summary) throw unknownRun(id);
  const { sweep } = readMarks(db, id);
  return {
    summary,
    config,
    dataset: dataset && { checksum: dataset.checksum, images: dataset.count },
    ...(sweep && { sweep: { id: sweep.sweepId, name: findSweepById(db, sweep.sweepId)?.name ?? null } }),
    evaluations: listEvaluations(db, id).map(({ runId: _, ...evaluation }) => evaluation),
    checkpoints: listCheckpointRows(db, id).map(({ step, sha256 }) => ({ step, sha256 })),
  };
}

/** What one method of an evaluation took. */
export interface MeasuredMethod {
  /** 0 for classical methods. */
  readonly nfe: number;
  readonly samples: number;
  /** Seconds for all images. */
  readonly seconds: number;
}

/** What an evaluation took. */
export interface MeasuredEvaluation {
  readonly config: RunConfig;
  readonly images: number;
  readonly methods: readonly MeasuredMethod[];
}

/** Lists what the newest evaluations of all runs took, newest first; those of unreadable configurations are left out. */
export function listMeasuredEvaluations(db: LabDatabase, limit = 30): MeasuredEvaluation[] {
  const rows = db
    .prepare<[number], { config: string; images: number; methods: string }>(
      `SELECT config, protocol ->> '$.images' AS images,
         (SELECT json_group_array(json_object('nfe', value ->> '$.nfe', 'samples', value ->> '$.samples',
           'seconds', value ->> '$.seconds')) FROM json_each(rows)) AS methods
       FROM evaluations JOIN runs ON runs.id = run_id
       WHERE json_valid(rows) AND json_valid(protocol) AND json_valid(config)
       ORDER BY evaluations.id DESC LIMIT ?`,
    )
    .all(limit);
  return rows.flatMap(({ config, images, methods }) => {
    const parsed = runConfigSchema.safeParse(JSON.parse(config));
    return parsed.success
      ? [{ config: parsed.data, images, methods: JSON.parse(methods) as MeasuredMethod[] }]
      : [];
  });
}
