/** Rows of the table `runs`. See `runLifecycle.ts` for operations that involve the folder. */

import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import type { DatasetInfo } from '../../../shared/dataset.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import type { BackendInfo, RunRecord, RunStatus } from '../../../shared/run.ts';
import type { LabDatabase } from '../database/database.ts';

/** The values of a run that may change; for its name there is `renameRun`. */
export type RunPatch = Partial<
  Omit<RunRecord, 'id' | 'name' | 'preset' | 'config' | 'createdAt' | 'updatedAt'>
>;

export interface RunFilter {
  readonly status?: RunStatus;
  /** Part of name, id or preset; capitals do not matter. */
  readonly text?: string;
  /** List the runs in the trash instead of the others. */
  readonly trashed?: boolean;
}

export type NewRunRow = Pick<RunRecord, 'id' | 'name' | 'status' | 'preset' | 'config' | 'createdAt'> &
  Pick<RunPatch, 'totalSteps'> & { readonly deletedAt?: string | null };

interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly preset: string;
  readonly config: string;
  readonly dataset: string | null;
  readonly backend: string | null;
  readonly step: number;
  readonly total_steps: number | null;
  readonly epoch: number;
  readonly process_seconds: number;
  readonly loss: number | null;
  readonly best_psnr: number | null;
  readonly error: string | null;
  readonly warning: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

const columns = {
  status: 'status',
  dataset: 'dataset',
  backend: 'backend',
  step: 'step',
  totalSteps: 'total_steps',
  epoch: 'epoch',
  processSeconds: 'process_seconds',
  loss: 'loss',
  bestPsnr: 'best_psnr',
  error: 'error',
  warning: 'warning',
} as const satisfies Record<keyof RunPatch, string>;

export function insertRunRow(db: LabDatabase, run: NewRunRow): void {
  db.prepare(
    `INSERT INTO runs
       (id, name, status, preset, config, path, field, source, total_steps, created_at, updated_at, deleted_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    run.id,
    run.name,
    run.status,
    run.preset,
    JSON.stringify(run.config),
    run.config.path.kind,
    run.config.field.kind,
    run.config.data.source,
    run.totalSteps ?? null,
    run.createdAt,
    new Date().toISOString(),
    run.deletedAt ?? null,
  );
}

/** Returns a run. @throws UnknownRunError when there is no such run; Error when its config is not readable. */
export function getRun(db: LabDatabase, id: string): RunRecord {
  const row = db.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ?').get(id);
  if (!row) throw unknownRun(id);
  return toRecord(row);
}

/** Lists runs, newest first, in insertion order: the clock may have been set back since. */
export function listRuns(db: LabDatabase, filter: RunFilter = {}): RunRecord[] {
  return [...iterateRuns(db, filter)];
}

/** Yields runs as `listRuns` does, with one in memory at a time. */
export function* iterateRuns(db: LabDatabase, filter: RunFilter = {}): Generator<RunRecord> {
  const query = db.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ?');
  for (const id of findRunIds(db, filter)) {
    const row = query.get(id);
    if (row) yield toListed(row);
  }
}

function findRunIds(db: LabDatabase, filter: RunFilter): string[] {
  return db
    .prepare<[Record<string, string | number>], string>(
      `SELECT id FROM runs
       WHERE (deleted_at IS NOT NULL) = @trashed AND (@status = '' OR status = @status)
         AND (@text = '' OR instr(lower(name || char(10) || id || char(10) || preset), lower(@text)) > 0)
       ORDER BY rowid DESC`,
    )
    .pluck()
    .all({ trashed: filter.trashed ? 1 : 0, status: filter.status ?? '', text: filter.text ?? '' });
}

/** Returns a run for lists: one with an unreadable config has the schema's defaults and the reason as its error. */
function toListed(row: RunRow): RunRecord {
  try {
    return toRecord(row);
  } catch (error) {
    const message = describeError(error);
    return { ...toRecord({ ...row, config: '{}' }), status: 'crashed', error: message };
  }
}

/** Updates the values in `patch`. @throws UnknownRunError when there is no such run. */
export function updateRun(db: LabDatabase, id: string, patch: RunPatch): void {
  const keys = (Object.keys(columns) as (keyof RunPatch)[]).filter((key) => patch[key] !== undefined);
  const assignments = keys.map((key) => `${columns[key]} = ?`);
  const values = keys.map((key) => toColumn(patch[key]));
  const changed = db
    .prepare<unknown[]>(`UPDATE runs SET ${[...assignments, 'updated_at = ?'].join(', ')} WHERE id = ?`)
    .run(...values, new Date().toISOString(), id);
  if (changed.changes === 0) throw unknownRun(id);
}

/** Records the progress of training between checkpoints. @throws UnknownRunError when there is no such run. */
export function recordProgress(
  db: LabDatabase,
  id: string,
  progress: Pick<RunRecord, 'step' | 'epoch' | 'processSeconds' | 'loss'>,
): void {
  updateRun(db, id, progress);
}

/** No run matches `reference`. */
export class UnknownRunError extends Error {
  readonly reference: string;

  constructor(reference: string) {
    super(
      `No run "${reference}" found. Pass its ID, the start of one, its name or "latest"; "lab runs" lists them.`,
    );
    this.name = 'UnknownRunError';
    this.reference = reference;
  }
}

export function unknownRun(reference: string): Error {
  return new UnknownRunError(reference);
}

function toColumn(value: RunPatch[keyof RunPatch]): string | number | null {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value ?? null;
}

function toRecord(row: RunRow): RunRecord {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    preset: row.preset,
    config: parseConfig(row),
    dataset: row.dataset === null ? null : (JSON.parse(row.dataset) as DatasetInfo),
    backend: row.backend === null ? null : (JSON.parse(row.backend) as BackendInfo),
    step: row.step,
    totalSteps: row.total_steps,
    epoch: row.epoch,
    processSeconds: row.process_seconds,
    loss: row.loss,
    bestPsnr: row.best_psnr,
    error: row.error,
    warning: row.warning,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function parseConfig({ id, name, config }: RunRow): RunConfig {
  let fault: string;
  try {
    const result = runConfigSchema.safeParse(JSON.parse(config));
    if (result.success) return result.data;
    fault = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  } catch (error) {
    fault = describeError(error);
  }
  throw new Error(
    `The config of run ${id} "${name}" is not readable: ${fault}. Open it with the version that wrote it, or delete it with "lab delete ${id}".`,
  );
}

export interface MeasuredSpeed {
  readonly name: string;
  readonly config: RunConfig;
  readonly backend: BackendInfo;
  /** Median seconds of a training step among the newest logged ones; evaluations and previews lie outside of the median. */
  readonly secondsPerStep: number;
}

/** Smallest number of steps for a speed to be meaningful: the first step compiles the graph. */
const fewestSteps = 50;

/** Logged steps of a run that its speed is read from. */
const newestPoints = 200;

/** Lists the speeds of runs on this machine, newest first, from which the time of a new run is estimated. */
export function listSpeeds(db: LabDatabase, limit = 30): MeasuredSpeed[] {
  const points = db.prepare<[string], { step: number; seconds: number }>(
    `SELECT step, process_seconds AS seconds FROM metrics WHERE run_id = ? AND name = 'loss'
     ORDER BY step DESC LIMIT ${newestPoints}`,
  );
  const rows = db
    .prepare<[number, number], { id: string; name: string; config: string; backend: string; mean: number }>(
      `SELECT id, name, config, backend, process_seconds / step AS mean FROM runs
       WHERE step >= ? AND process_seconds > 0 AND backend IS NOT NULL AND json_valid(config)
       ORDER BY rowid DESC LIMIT ?`,
    )
    .all(fewestSteps, limit);
  return rows.flatMap(({ id, name, config, backend, mean }) => {
    const parsed = runConfigSchema.safeParse(JSON.parse(config));
    if (!parsed.success) return [];
    const secondsPerStep = medianPace(points.all(id)) ?? mean;
    return [{ name, config: parsed.data, backend: JSON.parse(backend) as BackendInfo, secondsPerStep }];
  });
}

/** Returns the median seconds of a step between logged ones, newest first; null for fewer than three stretches. */
function medianPace(points: readonly { readonly step: number; readonly seconds: number }[]): number | null {
  const paces = points
    .slice(1)
    .map(({ step, seconds }, index) => (points[index].seconds - seconds) / (points[index].step - step))
    .filter((pace) => pace > 0)
    .sort((one, other) => one - other);
  return paces.length < 3 ? null : paces[Math.floor(paces.length / 2)];
}
