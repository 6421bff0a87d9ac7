/** Folders of the tests. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The cache of all tests and the programs they start: generated images are painted once. */
export const sharedCacheFolder = join(tmpdir(), 'cache');

/** Creates a temporary folder that is removed when the test finishes. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
