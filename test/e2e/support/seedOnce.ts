/** Sample data that is created once per process, however many files and tests use it. */

import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { databaseFile } from '../../../main/store/dataFolder.ts';
import { openStore, type Store } from '../../../main/store/store.ts';

type Seed<Result> = (store: Store) => Result | Promise<Result>;

/**
 * Returns a seed with the effect and the result of `seed`. The first call runs it on a separate store; every call copies
 * the rows and files of that store.
 */
export function seedOnce<Result>(seed: Seed<Result>): (store: Store) => Promise<Result> {
  let template: Promise<{ dataFolder: string; result: Result }> | null = null;
  const create = async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-template-'));
    const store = openStore(dataFolder);
    const result = await seed(store);
    store.close();
    return { dataFolder, result };
  };
  return async (store) => {
    template ??= create();
    const { dataFolder, result } = await template;
    copyStore(dataFolder, store);
    return structuredClone(result);
  };
}

function copyStore(source: string, { db, dataFolder }: Store): void {
  const database = databaseFile(source);
  const isData = (path: string) => !basename(path).startsWith(basename(database));
  cpSync(source, dataFolder, { recursive: true, filter: isData });
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .pluck()
    .all() as string[];
  db.prepare('ATTACH ? AS template').run(database);
  db.transaction(() => {
    db.pragma('defer_foreign_keys = ON');
    for (const table of tables) db.exec(`INSERT OR REPLACE INTO ${table} SELECT * FROM template.${table}`);
  })();
  db.exec('DETACH template');
}
