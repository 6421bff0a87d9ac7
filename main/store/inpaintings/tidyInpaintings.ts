/**
 * Reconciles the user's images, masks and inpaintings with their files. Only for the process that computes inpaintings:
 * entries that another live process works on, or can still restore, are left alone.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inpaintingRequestSchema } from '../../../shared/inpainting.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import {
  inpaintingFolder,
  inpaintingsFolder,
  isRunId,
  maskFile,
  masksFolder,
  imageFile,
  imagesFolder,
} from '../dataFolder.ts';
import type { LabDatabase, StoreHandle } from '../database/database.ts';
import { removeStrayTemps, writeFileAtomically } from '../files/atomicFile.ts';
import { attempt } from '../files/fileSystem.ts';
import type { Finding } from '../recovery/finding.ts';
import { type Holder, isLeaseLive } from '../runs/leases.ts';

interface OwnedRow {
  readonly id: string;
  readonly owner: string;
}

/** Milliseconds after which an image or mask that no inpainting uses is removed. */
const unusedLimit = 7 * 24 * 3600 * 1000;

/**
 * Marks entries of dead processes as `interrupted`, purges entries that dead processes deleted, and removes images and masks
 * that no entry has used for a week. Entries whose files are missing become `failed`.
 */
export function tidyInpaintings(store: StoreHandle): Finding[] {
  const findings = [...adoptInpaintings(store), ...interruptDead(store), ...markMissing(store)];
  purgeInpaintings(store, (owner) => !isLeaseLive(owner));
  removeUnused(store);
  return findings;
}

/** Permanently deletes entries, files first: a row without files can be purged again, files without a row cannot. */
export function purgeInpaintings(
  { dataFolder, db }: StoreHandle,
  mayPurge: (owner: Holder) => boolean,
): void {
  const remove = db.prepare('DELETE FROM inpaintings WHERE id = ? AND deleted_at IS NOT NULL');
  for (const { id, owner } of listOwned(db, 'deleted_at IS NOT NULL')) {
    if (!mayPurge(JSON.parse(owner) as Holder)) continue;
    // The next start tries again what cannot be removed now.
    attempt(() => {
      rmSync(inpaintingFolder(dataFolder, id), { recursive: true, force: true });
      remove.run(id);
    });
  }
}

function listOwned(db: LabDatabase, where: string): OwnedRow[] {
  return db.prepare<[], OwnedRow>(`SELECT id, owner FROM inpaintings WHERE ${where}`).all();
}

function interruptDead({ dataFolder, db }: StoreHandle): Finding[] {
  const interrupt = db.prepare(
    `UPDATE inpaintings SET status = 'interrupted' WHERE id = ? AND status IN ('waiting', 'running')`,
  );
  return listOwned(db, `status IN ('waiting', 'running')`).flatMap(({ id, owner }) => {
    if (isLeaseLive(JSON.parse(owner) as Holder) || interrupt.run(id).changes === 0) return [];
    const folder = inpaintingFolder(dataFolder, id);
    if (existsSync(folder)) removeStrayTemps(folder);
    const message = `Inpainting ${id} was interrupted; start it again from the history.`;
    return [{ kind: 'inpainting interrupted', runId: null, message }];
  });
}

function markMissing({ dataFolder, db }: StoreHandle): Finding[] {
  const fail = db.prepare(
    `UPDATE inpaintings SET status = 'failed', times = '[]', result = NULL, error = ? WHERE id = ?`,
  );
  return listOwned(db, `status = 'finished' AND deleted_at IS NULL`).flatMap(({ id }) => {
    const folder = inpaintingFolder(dataFolder, id);
    if (existsSync(folder)) return [];
    const message = `The images of inpainting ${id} are gone: ${folder} is missing.`;
    fail.run(`${message} Start it again.`, id);
    return [{ kind: 'folder missing', runId: null, message }];
  });
}

/** Removes rows that no entry uses, and files without a row. */
function removeUnused({ dataFolder, db }: StoreHandle): void {
  const before = new Date(Date.now() - unusedLimit).toISOString();
  const kinds = [
    { table: 'pictures', column: 'picture_id', folder: imagesFolder(dataFolder), fileOf: imageFile },
    { table: 'masks', column: 'mask_id', folder: masksFolder(dataFolder), fileOf: maskFile },
  ];
  for (const { table, column, folder, fileOf } of kinds) {
    if (!existsSync(folder)) continue;
    removeStrayTemps(folder);
    db.prepare(
      `DELETE FROM ${table} WHERE created_at < ? AND id NOT IN
         (SELECT ${column} FROM inpaintings WHERE ${column} IS NOT NULL)`,
    ).run(before);
    const ids = db.prepare<[], string>(`SELECT id FROM ${table}`).pluck().all();
    const known = new Set(ids.map((id) => basename(fileOf(dataFolder, id))));
    for (const name of readdirSync(folder)) {
      if (/^[0-9a-f]{16}\.png$/.test(name) && !known.has(name)) attempt(() => rmSync(join(folder, name)));
    }
  }
}

type Row = Readonly<Record<string, unknown>>;

/** The contents of `entry.json`; its keys are part of the file format. */
interface EntryFile {
  readonly inpainting: Row;
  readonly picture: Row;
  readonly mask: Row | null;
}

const fileName = 'entry.json';

/** Writes the rows of a finished entry to `entry.json` in its folder, from which a new database can restore it. */
export function keepEntryFile({ dataFolder, db }: StoreHandle, id: string): void {
  const read = (query: string) => db.prepare<[string], Row>(query).get(id) ?? null;
  const entry = {
    inpainting: read('SELECT * FROM inpaintings WHERE id = ?'),
    picture: read('SELECT * FROM pictures WHERE id = (SELECT picture_id FROM inpaintings WHERE id = ?)'),
    mask: read('SELECT * FROM masks WHERE id = (SELECT mask_id FROM inpaintings WHERE id = ?)'),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(entry, null, 2)}\n`);
  writeFileAtomically({ folder: inpaintingFolder(dataFolder, id), name: fileName, bytes });
}

/** Restores the rows of finished entries from their folders after the database was rebuilt. */
function adoptInpaintings(store: StoreHandle): Finding[] {
  const { dataFolder, db } = store;
  const parent = inpaintingsFolder(dataFolder);
  if (!existsSync(parent)) return [];
  const known = new Set(db.prepare<[], string>('SELECT id FROM inpaintings').pluck().all());
  const strangers = readdirSync(parent).filter((name) => isRunId(name) && !known.has(name));
  return strangers.flatMap((id): Finding[] => {
    if (!existsSync(join(parent, id, fileName))) return [];
    try {
      adopt(store, id);
      const message = `Inpainting ${id} was put back from its folder.`;
      return [{ kind: 'inpainting adopted', runId: null, message }];
    } catch (error) {
      const reason = describeError(error);
      const message = `${join(parent, id, fileName)} is not readable (${reason}). Mend it or move the folder away.`;
      return [{ kind: 'folder not readable', runId: null, message }];
    }
  });
}

/** Inserts the rows of one entry; the tables check types and ids. */
function adopt({ dataFolder, db }: StoreHandle, id: string): void {
  const file = join(inpaintingFolder(dataFolder, id), fileName);
  const { inpainting, picture: image, mask } = JSON.parse(readFileSync(file, 'utf8')) as EntryFile;
  if (inpainting.id !== id) throw new Error(`id ${String(inpainting.id)} found, ${id} expected`);
  if (!existsSync(imageFile(dataFolder, String(image.id)))) throw new Error('its image is gone');
  inpaintingRequestSchema.parse(JSON.parse(String(inpainting.request)));
  const isList = Array.isArray(JSON.parse(String(inpainting.times)));
  const result: unknown = JSON.parse(String(inpainting.result));
  if (!isList || typeof result !== 'object') throw new Error('no result found');
  db.transaction(() => {
    insertRow(db, 'pictures', image);
    if (mask) insertRow(db, 'masks', mask);
    insertRow(db, 'inpaintings', { ...inpainting, deleted_at: null });
  })();
}

function insertRow(db: LabDatabase, table: 'pictures' | 'masks' | 'inpaintings', row: Row): void {
  const columns = db.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
  const values = columns.map((column) => row[column] ?? null);
  db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`).run(...values);
}
