/** One set-up at a time for a checkout: a file in the system's temporary folder that names the process at work. */

import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds after which a lock that names no process counts as left behind. */
const emptyLimit = 10_000;

/**
 * Wait until no other set-up of `root` runs, and take the lock. It is given back at exit too; a killed owner's lock is taken over.
 * @param {string} root the checkout
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeLock(root) {
  const file = lockFile(root);
  for (let isFirst = true; ; isFirst = false) {
    if (tryTake(file)) return holdUntilReleased(file);
    const owner = readOwner(file);
    if (owner === null) continue;
    if (isFirst) process.stderr.write(`Another set-up is at work (process ${owner}): waiting for it …\n`);
    await setTimeout(300);
  }
}

/**
 * Where the lock of a checkout lies.
 * @param {string} root the checkout
 */
export function lockFile(root) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(tmpdir(), `sparse-field-lab-${name}.lock`);
}

/** @param {string} file */
function tryTake(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * The living owner of the lock, or null when it is free or was just taken from a dead one.
 * @param {string} file
 */
function readOwner(file) {
  try {
    const text = readFileSync(file, 'utf8');
    const isDead = text === '' ? Date.now() - statSync(file).mtimeMs > emptyLimit : !isAlive(Number(text));
    if (!isDead) return text;
    // A rename succeeds for one of several waiting processes only; what it caught may be the lock of a faster one.
    const grave = `${file}.${process.pid}`;
    renameSync(file, grave);
    if (readFileSync(grave, 'utf8') === text) rmSync(grave);
    else renameSync(grave, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return null;
}

/** @param {number} id */
function isAlive(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @param {string} file */
function holdUntilReleased(file) {
  const drop = () => rmSync(file, { force: true });
  process.once('exit', drop);
  return () => {
    process.off('exit', drop);
    drop();
  };
}
