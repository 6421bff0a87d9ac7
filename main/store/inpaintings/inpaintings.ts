/** Rows of the tables `inpaintings`, `pictures` and `masks`: the history of inpaintings, and the user's images and masks. */

import {
  type InpaintingEntry,
  type InpaintingRequest,
  type InpaintingResult,
  type MaskEntry,
  type ImageEntry,
  inpaintingScoreSchema,
  upgradeScores,
} from '../../../shared/inpainting.ts';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { type InpaintingBatch, summariseBatch } from '../../../shared/inpaintingBatch.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';
import { identifyThisProcess } from '../../runtime/processIdentity.mjs';
import type { LabDatabase } from '../database/database.ts';
import type { Holder } from '../runs/leases.ts';
import { createShortId } from '../dataFolder.ts';

/** A history entry without the progress of its computation. */
export type StoredInpainting = Omit<InpaintingEntry, 'phase' | 'fraction' | 'secondsLeft' | 'filled'>;

export type NewInpainting = Pick<
  StoredInpainting,
  'image' | 'request' | 'runName' | 'checkpointStep' | 'checkpointSha256'
>;

export type InpaintingPatch = Partial<
  Pick<StoredInpainting, 'status' | 'error' | 'checkpointStep' | 'checkpointSha256' | 'times' | 'result'>
>;

export interface InpaintingQuery {
  /** Text in the name of the image or run, ignoring case; empty for all. */
  readonly text: string;
  readonly offset: number;
  readonly limit: number;
}

interface InpaintingRow {
  readonly id: string;
  readonly created_at: string;
  readonly status: StoredInpainting['status'];
  readonly error: string | null;
  readonly picture_id: string;
  readonly picture_name: string;
  readonly width: number;
  readonly height: number;
  readonly run_name: string;
  readonly checkpoint_step: number;
  readonly checkpoint_sha256: string;
  readonly request: string;
  readonly times: string;
  readonly result: string | null;
}

const columns = {
  status: 'status',
  error: 'error',
  checkpointStep: 'checkpoint_step',
  checkpointSha256: 'checkpoint_sha256',
  times: 'times',
  result: 'result',
} as const satisfies Record<keyof InpaintingPatch, string>;

const select = `SELECT inpaintings.*, width, height FROM inpaintings JOIN pictures ON pictures.id = picture_id`;
const matches = `deleted_at IS NULL
  AND (@text = '' OR instr(lower(picture_name || char(10) || run_name), lower(@text)) > 0)`;

/** Inserts a waiting entry with a new id. */
export function insertInpainting(db: LabDatabase, inpainting: NewInpainting): StoredInpainting {
  const { image, request, runName, checkpointStep, checkpointSha256 } = inpainting;
  const isKnown = db.prepare('SELECT 1 FROM inpaintings WHERE id = ?');
  const id = createShortId((candidate) => isKnown.get(candidate) !== undefined);
  db.prepare(
    `INSERT INTO inpaintings (id, created_at, status, picture_id, picture_name, mask_id, run_id, run_name,
       checkpoint_step, checkpoint_sha256, request, owner)
     VALUES (@id, @createdAt, 'waiting', @imageId, @imageName, @maskId, @runId, @runName,
       @checkpointStep, @checkpointSha256, @request, @owner)`,
  ).run({
    id,
    runName,
    checkpointStep: checkpointStep ?? 0,
    checkpointSha256: checkpointSha256 ?? '',
    createdAt: new Date().toISOString(),
    imageId: image.id,
    imageName: image.name,
    // The columns are NOT NULL since their migration; a classical method has neither run nor checkpoint.
    runId: request.runId ?? '',
    maskId: request.mask.kind === 'painted' ? request.mask.maskId : null,
    request: JSON.stringify(request),
    owner: JSON.stringify(describeThisProcess()),
  });
  return getInpainting(db, id);
}

/** Returns an entry, including a deleted one that can still be restored. */
export function findInpainting(db: LabDatabase, id: string): StoredInpainting | undefined {
  const row = db.prepare<[string], InpaintingRow>(`${select} WHERE inpaintings.id = ?`).get(id);
  return row && toEntry(row);
}

/** Returns an entry as `findInpainting` does. @throws UnknownEntryError when there is none. */
export function getInpainting(db: LabDatabase, id: string): StoredInpainting {
  const entry = findInpainting(db, id);
  if (entry) return entry;
  throw new UnknownEntryError(`Inpainting ${id} is not in the history any more. Go back to its list.`);
}

/** Newest first. */
export function listInpaintings(
  db: LabDatabase,
  { text, offset, limit }: InpaintingQuery,
): {
  readonly total: number;
  readonly entries: readonly StoredInpainting[];
  readonly batches: readonly InpaintingBatch[];
} {
  const count = `SELECT count(*) FROM inpaintings WHERE ${matches}`;
  const total = db.prepare<[{ text: string }], number>(count).pluck().get({ text }) ?? 0;
  const page = `${select} WHERE ${matches} ORDER BY inpaintings.rowid DESC
    LIMIT @limit OFFSET @offset`;
  const rows = db.prepare<[InpaintingQuery], InpaintingRow>(page).all({ text, offset, limit });
  const entries = rows.map(toEntry);
  return { total, entries, batches: summariseBatches(db, entries) };
}

/** Returns the batches of entries, each with all of its entries, those on other pages included. */
function summariseBatches(db: LabDatabase, entries: readonly StoredInpainting[]): InpaintingBatch[] {
  const ids = [...new Set(entries.flatMap(({ request }) => request.batchId ?? []))];
  if (ids.length === 0) return [];
  const query = `${select} WHERE deleted_at IS NULL
    AND request ->> '$.batchId' IN (SELECT value FROM json_each(?)) ORDER BY inpaintings.rowid DESC`;
  const members = db.prepare<[string], InpaintingRow>(query).all(JSON.stringify(ids)).map(toEntry);
  const byBatch = Map.groupBy(members, ({ request }) => request.batchId);
  return ids.map((id) => summariseBatch(id, byBatch.get(id) ?? []));
}

/** What a finished inpainting took, with the settings that it depends on. */
export interface MeasuredInpainting {
  /** null: a classical method filled in, or the run is gone. */
  readonly config: RunConfig | null;
  readonly samples: number;
  readonly result: InpaintingResult;
}

/** Lists what the newest finished inpaintings took, deleted ones included, newest first. */
export function listMeasuredInpaintings(db: LabDatabase, limit = 100): MeasuredInpainting[] {
  const rows = db
    .prepare<[number], { request: string; result: string; config: string | null }>(
      `SELECT request, result, runs.config FROM inpaintings LEFT JOIN runs ON runs.id = run_id
       WHERE inpaintings.status = 'finished' AND result IS NOT NULL ORDER BY inpaintings.rowid DESC LIMIT ?`,
    )
    .all(limit);
  return rows.map(({ request, result, config }) => {
    const settings = JSON.parse(request) as InpaintingRequest;
    const parsed = config === null ? null : parseConfig(config);
    return { config: parsed, samples: settings.samples, result: parseResult(result, settings) };
  });
}

function parseConfig(text: string): RunConfig | null {
  try {
    return runConfigSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Returns the newest entry with exactly this request, of any batch, that is not deleted. */
export function findSameRequest(db: LabDatabase, request: InpaintingRequest): StoredInpainting | undefined {
  const query = `${select} WHERE json_remove(request, '$.batchId') IN (?, ?) AND deleted_at IS NULL
    ORDER BY inpaintings.rowid DESC LIMIT 1`;
  // Earlier versions stored requests without `bounded`.
  const alone = { ...request, batchId: undefined };
  const { bounded, ...earlier } = alone;
  const texts = [alone, bounded ? alone : earlier].map((one) => JSON.stringify(one)) as [string, string];
  const row = db.prepare<[string, string], InpaintingRow>(query).get(...texts);
  return row && toEntry(row);
}

/** Updates the values in `patch`; does nothing if there is no such entry. */
export function updateInpainting(db: LabDatabase, id: string, patch: InpaintingPatch): void {
  const keys = (Object.keys(columns) as (keyof InpaintingPatch)[]).filter((key) => patch[key] !== undefined);
  const assignments = [...keys.map((key) => `${columns[key]} = ?`), 'owner = ?'];
  const values = keys.map((key) => toColumn(patch[key]));
  db.prepare<unknown[]>(`UPDATE inpaintings SET ${assignments.join(', ')} WHERE id = ?`).run(
    ...values,
    JSON.stringify(describeThisProcess()),
    id,
  );
}

/** Deletes entries from the history, or restores them until they are purged. Unknown ids are ignored. */
export function markDeleted(db: LabDatabase, ids: readonly string[], isDeleted: boolean): void {
  const mark = db.prepare('UPDATE inpaintings SET deleted_at = ?, owner = ? WHERE id = ?');
  const owner = JSON.stringify(describeThisProcess());
  db.transaction(() => {
    for (const id of ids) mark.run(isDeleted ? new Date().toISOString() : null, owner, id);
  })();
}

function describeThisProcess(): Holder {
  return { ...identifyThisProcess(), heartbeatAt: Date.now() };
}

function toColumn(value: InpaintingPatch[keyof InpaintingPatch]): string | number | null {
  return typeof value === 'object' && value !== null ? stringifyJson(value) : (value ?? null);
}

/** Converts a row; its JSON columns were written by this file. */
function toEntry(row: InpaintingRow): StoredInpainting {
  const request = JSON.parse(row.request) as InpaintingRequest;
  return {
    id: row.id,
    createdAt: row.created_at,
    status: row.status,
    error: row.error,
    image: { id: row.picture_id, name: row.picture_name, width: row.width, height: row.height },
    request,
    runName: row.run_name,
    checkpointStep: request.method ? null : row.checkpoint_step,
    checkpointSha256: request.method ? null : row.checkpoint_sha256,
    times: JSON.parse(row.times) as number[],
    result: row.result === null ? null : parseResult(row.result, request),
  };
}

function parseResult(text: string, { truthIsKnown, scale }: InpaintingRequest): InpaintingResult {
  const result = JSON.parse(text) as InpaintingResult;
  const scores = result.scores.map((score) => inpaintingScoreSchema.parse(score));
  return { ...result, scores: truthIsKnown && scale === 1 ? upgradeScores(scores, result) : scores };
}

/** Inserts an image; an existing one gets the newer name. */
export function insertImage(db: LabDatabase, { id, name, width, height }: ImageEntry): void {
  db.prepare(
    `INSERT INTO pictures VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, created_at = excluded.created_at`,
  ).run(id, name, width, height, new Date().toISOString());
}

export function insertMask(db: LabDatabase, { id, width, height, observed }: MaskEntry): void {
  db.prepare(
    `INSERT INTO masks VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at`,
  ).run(id, width, height, observed, new Date().toISOString());
}

/** Returns one of the user's images. @throws UnknownEntryError when there is no such image. */
export function getImage(db: LabDatabase, id: string): ImageEntry {
  const query = 'SELECT id, name, width, height FROM pictures WHERE id = ?';
  const image = db.prepare<[string], ImageEntry>(query).get(id);
  if (image) return image;
  throw new UnknownEntryError(`Image ${id} is not here any more. Add its file again.`);
}

/** Returns a mask. @throws UnknownEntryError when there is no such mask. */
export function getMask(db: LabDatabase, id: string): MaskEntry {
  const query = 'SELECT id, width, height, observed FROM masks WHERE id = ?';
  const mask = db.prepare<[string], MaskEntry>(query).get(id);
  if (mask) return mask;
  throw new UnknownEntryError(`Mask ${id} is not here any more. Paint it or load its file again.`);
}

export class UnknownEntryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnknownEntryError';
  }
}
