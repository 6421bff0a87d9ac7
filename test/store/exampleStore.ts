/** A store in a temporary folder that is closed when the test finishes, and runs for it. */

import { onTestFinished } from 'vitest';
import type { RunConfigInput } from '../../shared/config/config.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import type { RunRecord } from '../../shared/run.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { openStore } from '../../main/store/store.ts';
import type { Store } from '../../main/store/store.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

export function openExampleStore(dataFolder = makeTemporaryFolder()): Store {
  const store = openStore(dataFolder);
  onTestFinished(store.close);
  return store;
}

export function insertExampleRun(store: Store, name = 'example', config: RunConfigInput = {}): RunRecord {
  return insertRun(store, { name, config: runConfigSchema.parse(config), totalSteps: 1000 });
}

/** Returns the error that `action` throws. */
export function catchError(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('An error was expected.');
}
