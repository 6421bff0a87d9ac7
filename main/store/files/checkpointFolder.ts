/** The checkpoints in a run's folder: listing, verification and pruning. */

import { join } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import {
  verifyCheckpoint,
  type VerifiedCheckpoint,
  formatCheckpointName,
  parseCheckpointName,
} from './checkpointFile.ts';
import { nodeFileSystem } from './fileSystem.ts';
import type { FileSystem } from './fileSystem.ts';

/** A file that could not be used or removed, and why. */
export interface FileFault {
  readonly file: string;
  readonly reason: string;
}

export interface NewestCheckpoint {
  /** null: no checkpoint of the folder can be loaded. */
  readonly checkpoint: VerifiedCheckpoint | null;
  /** Newer files that were skipped because they are damaged. */
  readonly damaged: readonly FileFault[];
}

export interface PruneResult {
  /** Steps whose file was deleted. */
  readonly removed: readonly number[];
  /** Files that could not be deleted; the next prune tries again. */
  readonly failed: readonly FileFault[];
}

/** Smallest number of verified checkpoints to keep. */
const leastVerified = 2;

/** Returns the steps that have a checkpoint file, newest first, without reading the files. */
export function listCheckpoints(folder: string, fileSystem: FileSystem = nodeFileSystem): number[] {
  return fileSystem
    .list(folder)
    .map(parseCheckpointName)
    .filter((step) => step !== undefined)
    .sort((a, b) => b - a);
}

/** Returns the newest checkpoint that verifies, and the damaged newer ones. */
export function findNewestVerified(
  folder: string,
  fileSystem: FileSystem = nodeFileSystem,
): NewestCheckpoint {
  const damaged: FileFault[] = [];
  for (const step of listCheckpoints(folder, fileSystem)) {
    const result = tryVerify(folder, step, fileSystem);
    if (!('reason' in result)) return { checkpoint: result, damaged };
    damaged.push(result);
  }
  return { checkpoint: null, damaged };
}

/**
 * Deletes all but the newest `keep` checkpoints (at least 2) and the one of step `best` (null: none); while fewer than
 * two of the kept ones verify, older ones that do are kept as well. A failed delete is reported, not thrown.
 */
export function pruneCheckpoints(
  folder: string,
  options: { keep: number; best: number | null },
  fileSystem: FileSystem = nodeFileSystem,
): PruneResult {
  const steps = listCheckpoints(folder, fileSystem);
  const keep = Math.max(options.keep, leastVerified);
  const removed: number[] = [];
  const failed: FileFault[] = [];
  if (steps.length <= keep) return { removed, failed };
  let verified = 0;
  for (const [index, step] of steps.entries()) {
    // A file that cannot be read now may be readable later, so it is kept.
    if (verified < leastVerified) {
      if (!('reason' in tryVerify(folder, step, fileSystem))) verified++;
    } else if (index >= keep && step !== options.best) {
      const fault = tryRemove(folder, step, fileSystem);
      if (fault) failed.push(fault);
      else removed.push(step);
    }
  }
  return { removed, failed };
}

function tryVerify(folder: string, step: number, fileSystem: FileSystem): VerifiedCheckpoint | FileFault {
  const file = formatCheckpointName(step);
  try {
    return verifyCheckpoint(join(folder, file), fileSystem);
  } catch (error) {
    return { file, reason: describeError(error) };
  }
}

function tryRemove(folder: string, step: number, fileSystem: FileSystem): FileFault | undefined {
  const file = formatCheckpointName(step);
  try {
    fileSystem.remove(join(folder, file));
    return undefined;
  } catch (error) {
    return { file, reason: describeError(error) };
  }
}
