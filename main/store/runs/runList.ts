/** Queries of the run browser: one page of the filtered, sorted list, and the counts of its filters. */

import { budgetFraction, type BackendInfo, type RunStatus, runStatuses } from '../../../shared/run.ts';
import { methodOf, type PathConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { type BasisConfig, scoreBasisOf } from '../../../shared/comparison/scoreBasis.ts';
import type { Facet, RunFacets, RunPage, RunQuery, RunSortKey, RunSummary } from '../../../shared/runList.ts';
import { describeSource } from '../../../shared/dataset.ts';
import type { LabDatabase } from '../database/database.ts';

interface SummaryRow {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly preset: string;
  readonly path: PathConfig['kind'];
  /** null when the config cannot be read. */
  readonly prediction: PathConfig['prediction'] | null;
  readonly field: string;
  readonly source: string;
  readonly backend: string | null;
  readonly step: number;
  readonly total_steps: number | null;
  readonly minutes: number | null;
  readonly epoch: number;
  readonly process_seconds: number;
  readonly loss: number | null;
  readonly best_psnr: number | null;
  readonly best_ssim: number | null;
  readonly gain: number | null;
  /** The parts of the config that scores depend on, as JSON; null when it cannot be read. */
  readonly basis: string | null;
  readonly checksum: string | null;
  readonly has_note: number;
  readonly archived_at: string | null;
  readonly error: string | null;
  readonly warning: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  /** JSON array of names, sorted. */
  readonly tags: string;
}

/** dB by which the best PSNR exceeds that of the thin plate; NULL while one of them is unknown. */
export const gain = `best_psnr - (training_references ->> '$."thin plate".psnr')`;

/** The parts of a configuration that a `ScoreBasis` depends on, as JSON; NULL if it cannot be read. */
export const basis = `CASE WHEN json_valid(config) THEN json_object('data', config -> '$.data', 'mask', config -> '$.mask',
  'train', config -> '$.train') END`;

const summaryColumns = `id, name, status, preset, path, field, source, backend, step, total_steps,
  CASE WHEN json_valid(config) THEN config ->> '$.train.minutes' END AS minutes,
  CASE WHEN json_valid(config) THEN config ->> '$.path.prediction' END AS prediction, epoch, process_seconds,
  ${basis} AS basis,
  dataset ->> '$.checksum' AS checksum,
  loss, best_psnr, best_ssim, ${gain} AS gain, note <> '' AS has_note, archived_at, error, warning, created_at, updated_at, deleted_at,
  (SELECT json_group_array(name ORDER BY name) FROM tags WHERE run_id = runs.id) AS tags`;

const viewConditions = {
  active: 'deleted_at IS NULL AND archived_at IS NULL',
  archived: 'deleted_at IS NULL AND archived_at IS NOT NULL',
  trash: 'deleted_at IS NOT NULL',
} as const satisfies Record<RunQuery['view'], string>;

const statusRank = `CASE status ${runStatuses.map((status, rank) => `WHEN '${status}' THEN ${rank}`).join(' ')} END`;

const sortColumns: Readonly<Record<RunSortKey, string>> = {
  name: 'name COLLATE NOCASE',
  status: statusRank,
  preset: 'preset COLLATE NOCASE',
  source: 'source COLLATE NOCASE',
  step: 'step',
  loss: 'loss',
  bestPsnr: 'best_psnr',
  bestSsim: 'best_ssim',
  gain,
  processSeconds: 'process_seconds',
  // Insertion order: the clock may have been set back in between.
  createdAt: 'rowid',
  updatedAt: 'updated_at',
};

/** Returns one page of the list, and the length of the whole list. */
export function listRunPage(
  db: LabDatabase,
  query: RunQuery,
  page: { readonly offset: number; readonly limit: number },
): RunPage {
  const { offset, limit } = page;
  if (query.text.trim() !== '') {
    // A text search reads every row, so page and length come from one query.
    const ids = listRunIds(db, query);
    return { total: ids.length, rows: readSummaries(db, ids.slice(offset, offset + limit)) };
  }
  const { condition, parameters } = conditionOf(db, query);
  const total = db.prepare<unknown[], number>(`SELECT count(*) FROM runs WHERE ${condition}`).pluck();
  const ids = db
    .prepare<unknown[], string>(
      `SELECT id FROM runs WHERE ${condition} ORDER BY ${orderOf(query)} LIMIT ? OFFSET ?`,
    )
    .pluck();
  return {
    total: total.get(...parameters) ?? 0,
    rows: readSummaries(db, ids.all(...parameters, limit, offset)),
  };
}

/** Returns the ids of the whole list, in order. */
export function listRunIds(db: LabDatabase, query: RunQuery): string[] {
  const { condition, parameters } = conditionOf(db, query);
  return db
    .prepare<unknown[], string>(`SELECT id FROM runs WHERE ${condition} ORDER BY ${orderOf(query)}`)
    .pluck()
    .all(...parameters);
}

/** Returns one summary for each existing id, in the order of `ids`. */
export function readSummaries(db: LabDatabase, ids: readonly string[]): RunSummary[] {
  const find = db.prepare<[string], SummaryRow>(`SELECT ${summaryColumns} FROM runs WHERE id = ?`);
  return ids.flatMap((id) => {
    const row = find.get(id);
    return row ? [toSummary(row)] : [];
  });
}

function conditionOf(db: LabDatabase, query: RunQuery): { condition: string; parameters: unknown[] } {
  const { view, statuses, presets, tags, text, hasCheckpoint } = query;
  const conditions: string[] = [viewConditions[view]];
  const parameters: unknown[] = [];
  const isOneOf = (column: string, values: readonly string[]) => {
    if (values.length === 0) return;
    conditions.push(`${column} IN (SELECT value FROM json_each(?))`);
    parameters.push(JSON.stringify(values));
  };
  isOneOf('status', statuses);
  isOneOf('preset', presets);
  if (hasCheckpoint) conditions.push('EXISTS (SELECT 1 FROM checkpoints WHERE run_id = runs.id)');
  for (const tag of new Set(tags)) {
    conditions.push('EXISTS (SELECT 1 FROM tags WHERE run_id = runs.id AND tags.name = ?)');
    parameters.push(tag);
  }
  for (const word of new Set(text.toLowerCase().split(/\s+/).filter(Boolean))) {
    conditions.push(wordCondition(db, word));
    parameters.push(word, word);
  }
  return { condition: conditions.join(' AND '), parameters };
}

/** Returns the condition for one search word. SQLite's `lower` handles ASCII only, but is much faster. */
function wordCondition(db: LabDatabase, word: string): string {
  const lower = /^[ -~]*$/.test(word) ? 'lower' : 'lower_unicode';
  if (lower === 'lower_unicode')
    db.function(lower, { deterministic: true }, (text: unknown) => String(text).toLowerCase());
  const own = 'name || char(10) || id || char(10) || preset || char(10) || source || char(10) || note';
  return `(instr(${lower}(${own}), ?) > 0
    OR EXISTS (SELECT 1 FROM tags WHERE run_id = runs.id AND instr(${lower}(tags.name), ?) > 0))`;
}

/** Columns whose values compare only between runs that were scored on the same data. */
const scoreKeys: readonly RunSortKey[] = ['bestPsnr', 'bestSsim', 'gain'];

/** Equal for runs whose scores compare; the parts of a `ScoreBasis`, as far as queries need them. */
const scoreGroup = `source COLLATE NOCASE, CASE WHEN json_valid(config) THEN json_extract(config, '$.data.imageSize',
  '$.data.crops', '$.data.validationImages', '$.mask.law', '$.mask.keepRatio', '$.mask.markSize', '$.mask.blocks',
  '$.mask.mixture', '$.mask.seed', '$.mask.observationNoise', '$.train.evaluate', '$.train.evaluationImages') END,
  CASE WHEN json_valid(config) THEN CASE json_extract(config, '$.mask.law') WHEN 'bayer'
  THEN json_extract(config, '$.mask.phase') END END`;

/** Equal for runs whose losses compare as well: what the loss is measured of, and in which unit. */
const lossGroup = `${scoreGroup}, CASE WHEN json_valid(config) THEN coalesce(json_extract(config,
  '$.objective.knownWeight'), 1) END, CASE WHEN json_valid(config) THEN coalesce(json_extract(config,
  '$.path.noise'), 'white') END, CASE WHEN json_valid(config) THEN json_extract(config, '$.path.kind',
  '$.path.prediction', '$.path.unit', '$.path.startNoise', '$.field.residual', '$.objective.time',
  '$.objective.startShare', '$.objective.shortcutShare', '$.objective.weighting') END`;

/** Returns the ORDER BY clause: missing values come last in either direction, and scores and losses are sorted within their data. */
function orderOf({ sort }: RunQuery): string {
  const keys = sort.flatMap(({ by, descending }) => {
    const column = sortColumns[by];
    const key = `${column} ${descending ? 'DESC' : 'ASC'} NULLS LAST`;
    const group = by === 'loss' ? lossGroup : scoreKeys.includes(by) ? scoreGroup : null;
    return group === null ? [key] : [`${column} IS NULL`, group, key];
  });
  return [...keys, 'rowid DESC'].join(', ');
}

function toSummary(row: SummaryRow): RunSummary {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    preset: row.preset,
    method: methodOf({ kind: row.path, prediction: row.prediction ?? 'velocity' }),
    field: row.field,
    source: describeSource(row.source),
    backend: row.backend === null ? null : (JSON.parse(row.backend) as BackendInfo),
    step: row.step,
    totalSteps: row.minutes === null ? row.total_steps : null,
    fraction: budgetFraction({
      status: row.status,
      step: row.step,
      totalSteps: row.total_steps,
      processSeconds: row.process_seconds,
      minutes: row.minutes,
    }),
    epoch: row.epoch,
    processSeconds: row.process_seconds,
    loss: row.loss,
    bestPsnr: row.best_psnr,
    bestSsim: row.best_ssim,
    gain: row.gain,
    scores: scoreBasisOf(readBasis(row), row.checksum),
    tags: JSON.parse(row.tags) as string[],
    hasNote: row.has_note === 1,
    archived: row.archived_at !== null,
    error: row.error,
    warning: row.warning,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
  };
}

const defaults = runConfigSchema.parse({});

/** Configurations of earlier versions lack settings that came later, and then have their defaults. */
export function readBasis({ basis, source }: Pick<SummaryRow, 'basis' | 'source'>): BasisConfig {
  const found = JSON.parse(basis ?? '{}') as { readonly [Part in keyof BasisConfig]?: object | null };
  return {
    data: { ...defaults.data, source, ...found.data },
    mask: { ...defaults.mask, ...found.mask },
    train: { ...defaults.train, ...found.train },
  };
}

/** Counts the runs of each view, status, preset and tag, for the filter chips: most frequent first, then by name. */
export function countFacets(db: LabDatabase, view: RunQuery['view']): RunFacets {
  const among = viewConditions[view];
  const countBy = (column: string): Facet[] =>
    db
      .prepare<[], Facet>(
        `SELECT ${column} AS value, count(*) AS count FROM runs WHERE ${among} GROUP BY 1 ORDER BY 2 DESC, 1`,
      )
      .all();
  const tags = db
    .prepare<[], Facet>(
      `SELECT tags.name AS value, count(*) AS count FROM tags JOIN runs ON runs.id = run_id
       WHERE ${among} GROUP BY 1 ORDER BY 2 DESC, 1`,
    )
    .all();
  return { views: countViews(db), statuses: countBy('status'), presets: countBy('preset'), tags };
}

function countViews(db: LabDatabase): RunFacets['views'] {
  const countOf = (view: RunQuery['view']): number =>
    db.prepare<[], number>(`SELECT count(*) FROM runs WHERE ${viewConditions[view]}`).pluck().get() ?? 0;
  return { active: countOf('active'), archived: countOf('archived'), trash: countOf('trash') };
}
