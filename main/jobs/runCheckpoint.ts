/** The checkpoint a trained run is used by: its newest good one. */

import { existsSync } from 'node:fs';
import type { RunRecord } from '../../shared/run.ts';
import { checkpointPath, type VerifiedCheckpoint } from '../store/files/checkpointFile.ts';
import { findNewestVerified } from '../store/files/checkpointFolder.ts';
import type { Store } from '../store/store.ts';

export interface RunCheckpoint extends VerifiedCheckpoint {
  /** Absolute. */
  readonly path: string;
}

/**
 * `use`: what needs it, with its article.
 * @throws Error when the run has none, or is in the trash.
 */
export function requireCheckpoint(store: Store, run: RunRecord, use: string): RunCheckpoint {
  const folder = store.runFolder(run.id);
  if (!existsSync(folder)) {
    throw new Error(
      `The folder of run ${run.id} "${run.name}" is not there, and ${use} needs its checkpoint. Restore the run.`,
    );
  }
  const { checkpoint } = findNewestVerified(folder);
  if (checkpoint) return { ...checkpoint, path: checkpointPath(folder, checkpoint.step) };
  throw new Error(
    `Run ${run.id} "${run.name}" has no checkpoint yet, and ${use} needs one. Train it until its first checkpoint.`,
  );
}
