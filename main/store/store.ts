/** The store as its users open it: data folder and database in agreement, with what had to be mended. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { closeDatabase, openDatabase } from './database/database.ts';
import type { StoreHandle } from './database/database.ts';
import { undoDeadImports } from './bundle/staging.ts';
import { databaseFile, runFolder } from './dataFolder.ts';
import { reconcile } from './recovery/reconcile.ts';
import type { Finding } from './recovery/finding.ts';

export interface Store extends StoreHandle {
  /** What opening found and mended, for the user to read; empty when all was well. */
  readonly findings: readonly Finding[];
  /** Absolute path of a run's folder. @throws Error when `id` is no run id. */
  readonly runFolder: (id: string) => string;
  readonly close: () => void;
}

/** A store without runs in memory, for a data folder that is not there yet: nothing is created on disk. */
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
 * Opens the store in an existing folder (see `resolveDataFolder`), creating what is missing. Runs whose process died
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
    // A new database knows nothing of what was imported: then whatever is there is kept.
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
