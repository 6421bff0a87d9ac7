/** Changing the configuration a run goes on with: row and run.json together. */

import type { RunConfig } from '../../shared/config/config.ts';
import { runFolder } from './dataFolder.ts';
import { writeRunFile } from './runFile.ts';
import { getRun } from './runs.ts';
import type { Store } from './store.ts';

/** @throws Error when there is no such run or its folder cannot be written. */
export function changeRunConfig(
  store: Pick<Store, 'db' | 'dataFolder'>,
  id: string,
  config: RunConfig,
): void {
  const change = store.db.transaction(() => {
    store.db
      .prepare('UPDATE runs SET config = ?, path = ?, field = ?, source = ? WHERE id = ?')
      .run(JSON.stringify(config), config.path.kind, config.field.kind, config.data.source, id);
    const { name, preset, createdAt } = getRun(store.db, id);
    writeRunFile(runFolder(store.dataFolder, id), { id, name, preset, config, createdAt });
  });
  change.immediate();
}
