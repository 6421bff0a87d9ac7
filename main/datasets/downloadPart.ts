/** Unfinished downloads: each process writes a file of its own, and goes on with what a dead one has left. */

import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The path at which this process downloads `file`: what is there already is the beginning of it. Of several beginnings
 * that dead processes left the longest is taken over, the others are removed.
 */
export async function claimPart(file: string, pid: number = process.pid): Promise<string> {
  const own = `${file}.${pid}.part`;
  const parts = await listParts(file);
  const left = parts.filter((part) => part.path !== own && isLeft(part));
  let isClaimed = parts.some(({ path }) => path === own);
  for (const { path } of left.sort((one, other) => other.bytes - one.bytes)) {
    if (isClaimed) await rm(path, { force: true });
    else isClaimed = await tryRename(path, own);
  }
  return own;
}

/** Removes the beginnings of `file` that no process writes. */
export async function removeParts(file: string): Promise<void> {
  const left = (await listParts(file)).filter(isLeft);
  await Promise.all(left.map(({ path }) => rm(path, { force: true })));
}

interface Part {
  readonly path: string;
  readonly bytes: number;
  /** The process that writes it; null for one of an earlier version, which named none. */
  readonly pid: number | null;
}

async function listParts(file: string): Promise<Part[]> {
  const [folder, name] = [dirname(file), basename(file)];
  const names = await readdir(folder).catch(() => []);
  const found = names.map(async (entry): Promise<Part | null> => {
    const pid = /^(?:\.(\d+))?\.part$/.exec(entry.slice(name.length));
    if (!entry.startsWith(name) || !pid) return null;
    const path = join(folder, entry);
    const state = await stat(path).catch(() => null);
    return state?.isFile() ? { path, bytes: state.size, pid: pid[1] ? Number(pid[1]) : null } : null;
  });
  return (await Promise.all(found)).filter((part) => part !== null);
}

function isLeft({ pid }: Part): boolean {
  return pid === null || pid === process.pid || !isAlive(pid);
}

/** false where another process was faster. */
async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
