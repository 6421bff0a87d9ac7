/** Allows one set-up or build of a checkout at a time: a file in the checkout names the process that works. */

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { findProcess, identifyThisProcess } from './processIdentity.mjs';

/** Milliseconds between two signs of life of an owner, and after which a silent owner of unknown state counts as dead. */
const heartbeat = 5000;
const longestSilence = 30_000;
/** Milliseconds between two messages about the wait. */
const reminderInterval = 60_000;

/**
 * Waits until no other process has the lock `name` of a checkout, and takes it. It is released at exit too; the lock of a
 * dead process is taken over.
 * @param {string} root the checkout
 * @param {string} name what is locked: `setup`, or the part that is built
 * @param {(line: string) => void} [report] prints what is waited for, and how to stop waiting
 * @returns {Promise<() => void>} releases the lock
 * @throws Error with the next step if the lock cannot be written or taken over
 */
export async function takeLock(root, name, report = (line) => process.stderr.write(`${line}\n`)) {
  const file = lockFile(root, name);
  const watch = watchOwner(file);
  const startedAt = performance.now();
  let reportedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (tryTake(file)) return holdUntilReleased(file);
    const owner = readOwner(file);
    if (owner === null) continue;
    if (!watch(owner)) {
      takeAway(file, owner);
      continue;
    }
    if (performance.now() - reportedAt >= reminderInterval) {
      report(describeWait(file, owner, performance.now() - startedAt));
      reportedAt = performance.now();
    }
    await setTimeout(300);
  }
}

/**
 * Returns the path of a lock of a checkout.
 * @param {string} root the checkout
 * @param {string} name
 */
export function lockFile(root, name) {
  return join(root, 'dist', `${name}.lock`);
}

/**
 * The content of the file, and when it was last touched; `identity` is null while it is being written.
 * @typedef {{ text: string, touchedAt: number, identity: import('./processIdentity.mjs').ProcessIdentity | null, user: string, since: string }} Owner
 */

/** @param {string} file */
function tryTake(file) {
  const owner = { ...identifyThisProcess(), user: userName(), since: new Date().toISOString() };
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw unwritable(file, error);
  }
  try {
    writeFileSync(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unwritable(file, error);
  }
}

/**
 * @param {string} file
 * @param {unknown} error
 */
function unwritable(file, error) {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(
    `${dirname(file)} cannot be written by the user ${userName()} (${reason}). Set-up and the build write into the checkout: ` +
      'free some space, change the owner of the checkout, or use a checkout of your own.',
  );
}

/**
 * Reads the owner of the lock; null if the lock is free now.
 * @param {string} file
 * @returns {Owner | null}
 */
function readOwner(file) {
  try {
    const text = readFileSync(file, 'utf8');
    const { mtimeMs: touchedAt } = statSync(file);
    const value = parse(text);
    const identity = Number.isInteger(value?.pid) ? value : null;
    return { text, touchedAt, identity, user: String(value?.user ?? ''), since: String(value?.since ?? '') };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stuck(file, 'cannot be read', error);
  }
}

/**
 * Returns a function that decides whether an owner, read repeatedly, is alive. If its process cannot be looked up, it is alive
 * as long as it touches the file, measured by this process's own clock, because clocks differ and can be set back.
 * @param {string} file
 * @returns {(owner: Owner) => boolean}
 */
function watchOwner(file) {
  let known = '';
  let changedAt = performance.now();
  return ({ text, touchedAt, identity }) => {
    const state = identity === null ? 'unknown' : findProcess(identity);
    const seen = `${file} ${text} ${touchedAt}`;
    if (seen !== known) changedAt = performance.now();
    known = seen;
    return state === 'alive' || (state === 'unknown' && performance.now() - changedAt < longestSilence);
  };
}

/**
 * Removes a dead owner's lock. The rename succeeds for only one of several waiting processes, and may catch the lock of a
 * faster one.
 * @param {string} file
 * @param {Owner} owner
 */
function takeAway(file, { text }) {
  const grave = `${file}.${process.pid}`;
  try {
    renameSync(file, grave);
    if (readFileSync(grave, 'utf8') === text) rmSync(grave);
    else renameSync(grave, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      throw stuck(file, 'was left by a dead process and cannot be removed', error);
  }
}

/**
 * @param {string} file
 * @param {Owner} owner
 * @param {number} waited milliseconds
 */
function describeWait(file, { identity, user, since }, waited) {
  const who = `process ${identity?.pid ?? 'unknown'}${user === '' ? '' : ` of ${user}`}`;
  const minutes = Math.round(waited / 60_000);
  const start = since === '' ? '' : `, since ${new Date(since).toLocaleTimeString('en-GB')}`;
  return (
    `Another set-up of this checkout is at work (${who}${start}): waiting for it${minutes > 0 ? `, ${minutes} min so far` : ''}. ` +
    `Ctrl-C stops waiting. If that process hangs, end it, or delete ${file}`
  );
}

/**
 * @param {string} file
 * @param {string} what
 * @param {unknown} error
 */
function stuck(file, what, error) {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(
    `The lock ${file} ${what} (${reason}). If no set-up runs in this checkout, delete that file, as its owner or as an administrator, then try again.`,
  );
}

/** @param {string} file */
function holdUntilReleased(file) {
  const own = readFileSync(file, 'utf8');
  const timer = setInterval(() => attempt(() => utimesSync(file, new Date(), new Date())), heartbeat);
  timer.unref();
  const drop = () => {
    clearInterval(timer);
    // Another process may have taken over the lock if this one was suspended for long.
    attempt(() => readFileSync(file, 'utf8') === own && rmSync(file, { force: true }));
  };
  process.once('exit', drop);
  return () => {
    process.off('exit', drop);
    drop();
  };
}

function userName() {
  try {
    return userInfo().username;
  } catch {
    // The account has no entry in the user database.
    return `number ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {() => unknown} work */
function attempt(work) {
  try {
    work();
  } catch {
    // The lock is gone, as intended.
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : null;
}
