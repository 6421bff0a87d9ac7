/** Unfinished downloads: each process writes a file of its own, and goes on with what a dead one has left. */

import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lookUpProcess } from '../runtime/processIdentity.mjs';

/** Milliseconds. */
const longestSilence = 15 * 60_000;

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
  /** Milliseconds since the last byte; also where the clock was set back since. */
  readonly silence: number;
}

async function listParts(file: string): Promise<Part[]> {
  const [folder, name] = [dirname(file), basename(file)];
  const names = await readdir(folder).catch(() => []);
  const found = names.map(async (entry): Promise<Part | null> => {
    const pid = /^(?:\.(\d+))?\.part$/.exec(entry.slice(name.length));
    if (!entry.startsWith(name) || !pid) return null;
    const path = join(folder, entry);
    const state = await stat(path).catch(() => null);
    if (!state?.isFile()) return null;
    const silence = Math.abs(Date.now() - state.mtimeMs);
    return { path, bytes: state.size, pid: pid[1] ? Number(pid[1]) : null, silence };
  });
  return (await Promise.all(found)).filter((part) => part !== null);
}

function isLeft({ pid, silence }: Part): boolean {
  const isOfOther = pid !== null && pid !== process.pid && lookUpProcess(pid).isAlive;
  // A download that receives nothing ends much earlier: the number belongs to another process by now.
  return !isOfOther || silence > longestSilence;
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
