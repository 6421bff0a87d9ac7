/**
 * Identifies processes: numbers are reused, but start times and boots distinguish their processes. Plain JavaScript for
 * Node 20 and later, because set-up needs it before anything is installed.
 */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * `processStart`: clock ticks since boot, as text. `bootId` changes with every start of the machine. `pidNamespace`: the
 * container and the name of the machine within which process numbers are unique, because a folder may be shared over a
 * network. null: the platform does not provide it.
 * @typedef {{ readonly pid: number, readonly processStart: string | null, readonly bootId: string | null, readonly pidNamespace: string | null }} ProcessIdentity
 */

/** @type {ProcessIdentity | undefined} */
let thisProcess;

/**
 * Returns the identity of this process, which stays the same even if the machine is renamed.
 * @returns {ProcessIdentity}
 */
export function identifyThisProcess() {
  thisProcess ??= {
    pid: process.pid,
    processStart: lookUpProcess(process.pid).processStart,
    bootId: tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: `${tryRead(() => readlinkSync('/proc/self/ns/pid')) ?? ''}@${hostname()}`,
  };
  return thisProcess;
}

/**
 * Whether the process is still alive; `unknown` if it belongs to another machine or container, or the platform does not
 * provide start times.
 * @param {ProcessIdentity} identity
 * @returns {'alive' | 'dead' | 'unknown'}
 */
export function findProcess(identity) {
  const here = identifyThisProcess();
  if (areKnownAndDiffer(identity.pidNamespace, here.pidNamespace)) return 'unknown';
  if (areKnownAndDiffer(identity.bootId, here.bootId)) return 'dead';
  const found = lookUpProcess(identity.pid);
  if (!found.isAlive || areKnownAndDiffer(identity.processStart, found.processStart)) return 'dead';
  const isIdentified =
    identity.processStart !== null && found.processStart !== null && identity.bootId !== null;
  return isIdentified ? 'alive' : 'unknown';
}

/**
 * Looks up a process that may be dead; one of another user counts as alive.
 * @param {number} pid
 * @returns {{ readonly isAlive: boolean, readonly processStart: string | null }}
 */
export function lookUpProcess(pid) {
  const status = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (status === null) return { isAlive: acceptsSignals(pid), processStart: null };
  // proc(5): the command's name in parentheses may hold anything; fields 3 (state) and 22 (start time) come after it.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  const isAlive = fields[0] !== 'Z' && fields[0] !== 'X';
  return { isAlive, processStart: fields[19] ?? null };
}

/** @param {number} pid */
function acceptsSignals(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * @param {string | null} one
 * @param {string | null} other
 */
function areKnownAndDiffer(one, other) {
  return one !== null && other !== null && one !== other;
}

/** @param {() => string} read */
function tryRead(read) {
  try {
    return read();
  } catch {
    return null;
  }
}
