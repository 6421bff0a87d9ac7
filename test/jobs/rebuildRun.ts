/** The same run in a database that was made again from its folder. */

import { rmSync } from 'node:fs';
import { databaseFile } from '../../main/store/dataFolder.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import type { Store } from '../../main/store/store.ts';
import type { RunRecord } from '../../shared/run.ts';
import { openExampleStore } from '../store/exampleStore.ts';

export function rebuildRun({ store, run }: { store: Store; run: RunRecord }): {
  store: Store;
  run: RunRecord;
} {
  store.close();
  for (const ending of ['', '-wal', '-shm']) {
    rmSync(`${databaseFile(store.dataFolder)}${ending}`, { force: true });
  }
  const rebuilt = openExampleStore(store.dataFolder);
  return { store: rebuilt, run: getRun(rebuilt.db, run.id) };
}
