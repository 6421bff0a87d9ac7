/** Rows of the tables `pictures` and `masks`: what the user gave, by content. The files are written by `jobs`. */

import type { MaskEntry, PictureEntry } from '../../shared/inpainting.ts';
import type { LabDatabase } from './database.ts';
import { UnknownEntryError } from './unknownEntry.ts';

/** A picture that is there already takes the newer name. */
export function insertPicture(db: LabDatabase, { id, name, width, height }: PictureEntry): void {
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

/** @throws UnknownEntryError when there is no such picture. */
export function getPicture(db: LabDatabase, id: string): PictureEntry {
  const query = 'SELECT id, name, width, height FROM pictures WHERE id = ?';
  const picture = db.prepare<[string], PictureEntry>(query).get(id);
  if (picture) return picture;
  throw new UnknownEntryError(`Picture ${id} is not here any more. Add its file again.`);
}

/** @throws UnknownEntryError when there is no such mask. */
export function getMask(db: LabDatabase, id: string): MaskEntry {
  const query = 'SELECT id, width, height, observed FROM masks WHERE id = ?';
  const mask = db.prepare<[string], MaskEntry>(query).get(id);
  if (mask) return mask;
  throw new UnknownEntryError(`Mask ${id} is not here any more. Paint it or load its file again.`);
}
