/** Folders and processes of test runs that were killed, which could not clean up after themselves. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const prefix = 'sparse-field-lab-tests-';

/** Creates the folder of a test run in `parent`; its name says which process it belongs to. */
export function makeRunFolder(parent: string, pid = process.pid): string {
  return mkdtempSync(join(parent, `${prefix}${pid}-`));
}

/**
 * Removes the folders of test runs in `parents` whose processes are gone, and ends what these runs started and left behind, such as
 * the helpers of a Slurm: processes whose environment names the folder. Returns what was removed.
 */
export function removeLeftovers(parents: readonly string[]): string[] {
  const folders = [...new Set(parents)].flatMap(listFolders).filter(({ pid }) => !isAlive(pid));
  for (const { path } of folders) {
    for (const pid of listProcessesOf(path)) end(pid);
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  }
  return folders.map(({ path }) => path);
}

function listFolders(parent: string): { path: string; pid: number }[] {
  try {
    return readdirSync(parent).flatMap((name) => {
      const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
      return pid === undefined ? [] : [{ path: join(parent, name), pid: Number(pid) }];
    });
  } catch {
    // The folder for memory exists on Linux only.
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Returns the processes whose environment names the folder; empty where that cannot be read. */
function listProcessesOf(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const variables = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      const isOwn = variables.some((each) => each.endsWith(`=${folder}`) || each.includes(`=${folder}/`));
      return isOwn ? [Number(name)] : [];
    } catch {
      // It has ended, or belongs to another user.
      return [];
    }
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
