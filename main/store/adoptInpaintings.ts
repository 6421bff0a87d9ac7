/**
 * `entry.json` in the folder of a finished inpainting: its rows as they stand in the database, enough to put it back into
 * a new one.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../shared/text/describeError.ts';
import { inpaintingRequestSchema } from '../../shared/inpainting.ts';
import type { LabDatabase } from './database.ts';
import { inpaintingFolder, inpaintingsFolder, isRunId, pictureFile } from './dataFolder.ts';
import { writeFileAtomically } from './files/atomicFile.ts';
import type { Finding } from './finding.ts';

interface Place {
  readonly dataFolder: string;
  readonly db: LabDatabase;
}

type Row = Readonly<Record<string, unknown>>;

interface EntryFile {
  readonly inpainting: Row;
  readonly picture: Row;
  readonly mask: Row | null;
}

const fileName = 'entry.json';

/** Writes the file of an entry that is complete. */
export function keepEntryFile({ dataFolder, db }: Place, id: string): void {
  const read = (query: string) => db.prepare<[string], Row>(query).get(id) ?? null;
  const entry = {
    inpainting: read('SELECT * FROM inpaintings WHERE id = ?'),
    picture: read('SELECT * FROM pictures WHERE id = (SELECT picture_id FROM inpaintings WHERE id = ?)'),
    mask: read('SELECT * FROM masks WHERE id = (SELECT mask_id FROM inpaintings WHERE id = ?)'),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(entry, null, 2)}\n`);
  writeFileAtomically({ folder: inpaintingFolder(dataFolder, id), name: fileName, bytes });
}

/** Adds rows for folders of finished entries that have none: the database was made anew. */
export function adoptInpaintings(store: Place): Finding[] {
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

/** The tables themselves check types and ids. */
function adopt({ dataFolder, db }: Place, id: string): void {
  const file = join(inpaintingFolder(dataFolder, id), fileName);
  const { inpainting, picture, mask } = JSON.parse(readFileSync(file, 'utf8')) as EntryFile;
  if (inpainting.id !== id) throw new Error(`id ${String(inpainting.id)} found, ${id} expected`);
  if (!existsSync(pictureFile(dataFolder, String(picture.id)))) throw new Error('its picture is gone');
  inpaintingRequestSchema.parse(JSON.parse(String(inpainting.request)));
  const isList = Array.isArray(JSON.parse(String(inpainting.times)));
  const result: unknown = JSON.parse(String(inpainting.result));
  if (!isList || typeof result !== 'object') throw new Error('no result found');
  db.transaction(() => {
    insertRow(db, 'pictures', picture);
    if (mask) insertRow(db, 'masks', mask);
    insertRow(db, 'inpaintings', { ...inpainting, deleted_at: null });
  })();
}

function insertRow(db: LabDatabase, table: 'pictures' | 'masks' | 'inpaintings', row: Row): void {
  const columns = db.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
  const values = columns.map((column) => row[column] ?? null);
  db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`).run(...values);
}
