/** The real file system with one call that fails, or after which the process counts as dead. */

import { nodeFileSystem } from '../../../main/store/files/fileSystem.ts';
import type { FileSystem } from '../../../main/store/files/fileSystem.ts';

export type Fault = 'ENOSPC' | 'EIO' | 'short write' | 'kill';

export interface FaultPlan {
  readonly fault: Fault;
  /** Index of the call that fails, from 0. */
  readonly at: number;
  /** `always`: all later calls fail as well, as they do after `kill`. */
  readonly lasts: 'once' | 'always';
  /** Fraction of the bytes of a write that still reach the disk. */
  readonly share?: number;
}

export interface FaultyFileSystem extends FileSystem {
  /** Returns the number of calls so far. */
  readonly calls: () => number;
}

export function createFaultyFileSystem(plan: FaultPlan): FaultyFileSystem {
  let calls = 0;
  const isFaulty = (): boolean => {
    const call = calls++;
    return call === plan.at || (call > plan.at && (plan.lasts === 'always' || plan.fault === 'kill'));
  };
  const wrap =
    <Arguments extends unknown[], Result>(method: (...values: Arguments) => Result) =>
    (...values: Arguments): Result => {
      if (isFaulty() && plan.fault !== 'short write')
        throw Object.assign(new Error(plan.fault), { code: plan.fault });
      return method(...values);
    };
  const write: FileSystem['write'] = (file, source, position) => {
    const isFirst = calls === plan.at;
    if (!isFaulty()) return nodeFileSystem.write(file, source, position);
    const part = source.subarray(0, Math.floor(source.byteLength * (plan.share ?? 0.5)));
    const isWritten = part.byteLength > 0 && (isFirst || plan.fault === 'short write');
    const written = isWritten ? nodeFileSystem.write(file, part, position) : 0;
    if (plan.fault !== 'short write') throw Object.assign(new Error(plan.fault), { code: plan.fault });
    return written;
  };
  const { open, size, read, sync, close, rename, remove, makeFolder, removeFolder, list, syncFolder } =
    nodeFileSystem;
  return {
    open: wrap(open),
    size: wrap(size),
    read: wrap(read),
    write,
    sync: wrap(sync),
    // As in the operating system, a descriptor is released even if closing fails.
    close: (file) => {
      close(file);
      wrap(() => undefined)();
    },
    rename: wrap(rename),
    remove: wrap(remove),
    makeFolder: wrap(makeFolder),
    removeFolder: wrap(removeFolder),
    list: wrap(list),
    syncFolder: wrap(syncFolder),
    calls: () => calls,
  };
}
