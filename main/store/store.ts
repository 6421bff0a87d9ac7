/** Opens the store: data folder and database, reconciled with each other. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { closeDatabase, openDatabase } from './database/database.ts';
import type { StoreHandle } from './database/database.ts';
import { undoDeadImports } from './bundle/staging.ts';
import { databaseFile, runFolder } from './dataFolder.ts';
import { reconcile } from './recovery/reconcile.ts';
import type { Finding } from './recovery/finding.ts';

export interface Store extends StoreHandle {
  /** What opening found and repaired, for the user; empty when everything was consistent. */
  readonly findings: readonly Finding[];
  /** Absolute path of a run's folder. @throws Error when `id` is no run id. */
  readonly runFolder: (id: string) => string;
  readonly close: () => void;
}

/** Opens an empty store in memory for a data folder that does not exist yet; creates nothing on disk. */
export function openEmptyStore(dataFolder: string): Store {
  const { db } = openDatabase(':memory:');
  return {
    dataFolder,
    db,
    findings: [],
    runFolder: (id) => runFolder(dataFolder, id),
    close: () => void db.close(),
  };
}

/**
 * Opens the store in an existing folder (see `resolveDataFolder`) and creates what is missing. Runs whose process died
 * become `interrupted`.
 * @throws Error as `openDatabase`.
 */
export function openStore(dataFolder: string, options: { readonly busyTimeout?: number } = {}): Store {
  mkdirSync(join(dataFolder, 'runs'), { recursive: true });
  mkdirSync(join(dataFolder, 'trash'), { recursive: true });
  const { db, setAside, backup } = openDatabase(databaseFile(dataFolder), options);
  const findings: Finding[] = [];
  if (setAside) {
    const message = `The database was damaged. It is kept as ${setAside}; the runs were put back from their folders, without their metrics.`;
    findings.push({ kind: 'database set aside', runId: null, message });
  }
  if (backup)
    findings.push({
      kind: 'database migrated',
      runId: null,
      message: `A copy of the old database is ${backup}.`,
    });
  try {
    // A rebuilt database does not know which imports were complete, so all of them are kept.
    if (!setAside) findings.push(...undoDeadImports({ dataFolder, db }));
    findings.push(...reconcile({ dataFolder, db }));
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    dataFolder,
    db,
    findings,
    runFolder: (id) => runFolder(dataFolder, id),
    close: () => closeDatabase(db),
  };
}
