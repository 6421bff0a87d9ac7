/**
 * Brings the user's pictures, masks and inpaintings into agreement with their files. Only for the process that computes
 * inpaintings: what another living one works on, or can still restore, is left alone.
 */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { adoptInpaintings } from './adoptInpaintings.ts';
import type { LabDatabase } from './database.ts';
import { inpaintingFolder, maskFile, masksFolder, pictureFile, picturesFolder } from './dataFolder.ts';
import { removeStrayTemps } from './files/atomicFile.ts';
import { attempt } from './files/fileSystem.ts';
import type { Finding } from './finding.ts';
import { type Holder, isLeaseLive } from './leases.ts';

interface Place {
  readonly dataFolder: string;
  readonly db: LabDatabase;
}

interface OwnedRow {
  readonly id: string;
  readonly owner: string;
}

/** Milliseconds after which a picture or mask goes that no inpainting needs. */
const unusedLimit = 7 * 24 * 3600 * 1000;

/**
 * Entries of dead processes become `interrupted`, deleted ones of dead processes go for good, as do pictures and masks
 * that no entry has needed for a week. Entries whose files are gone say so.
 */
export function tidyInpaintings(store: Place): Finding[] {
  const findings = [...adoptInpaintings(store), ...interruptDead(store), ...markMissing(store)];
  purgeInpaintings(store, (owner) => !isLeaseLive(owner));
  removeUnused(store);
  return findings;
}

/** Ends deleted entries for ever, files first: a row without files can be purged again, files without a row cannot. */
export function purgeInpaintings({ dataFolder, db }: Place, mayPurge: (owner: Holder) => boolean): void {
  const remove = db.prepare('DELETE FROM inpaintings WHERE id = ? AND deleted_at IS NOT NULL');
  for (const { id, owner } of listOwned(db, 'deleted_at IS NOT NULL')) {
    if (!mayPurge(JSON.parse(owner) as Holder)) continue;
    // What cannot be removed now is tried again at the next start.
    attempt(() => {
      rmSync(inpaintingFolder(dataFolder, id), { recursive: true, force: true });
      remove.run(id);
    });
  }
}

function listOwned(db: LabDatabase, where: string): OwnedRow[] {
  return db.prepare<[], OwnedRow>(`SELECT id, owner FROM inpaintings WHERE ${where}`).all();
}

function interruptDead({ dataFolder, db }: Place): Finding[] {
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

function markMissing({ dataFolder, db }: Place): Finding[] {
  const fail = db.prepare(
    `UPDATE inpaintings SET status = 'failed', times = '[]', result = NULL, error = ? WHERE id = ?`,
  );
  return listOwned(db, `status = 'finished' AND deleted_at IS NULL`).flatMap(({ id }) => {
    const folder = inpaintingFolder(dataFolder, id);
    if (existsSync(folder)) return [];
    const message = `The pictures of inpainting ${id} are gone: ${folder} is missing.`;
    fail.run(`${message} Start it again.`, id);
    return [{ kind: 'folder missing', runId: null, message }];
  });
}

/** Rows that nothing needs, and files without a row. */
function removeUnused({ dataFolder, db }: Place): void {
  const before = new Date(Date.now() - unusedLimit).toISOString();
  const kinds = [
    { table: 'pictures', column: 'picture_id', folder: picturesFolder(dataFolder), fileOf: pictureFile },
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
