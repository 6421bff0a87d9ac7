/** Which process is meant by a process number: numbers are used again, start times and boots tell them apart. */

import { readFileSync, readlinkSync } from 'node:fs';

/** null: the platform does not say. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as text. */
  readonly processStart: string | null;
  /** Changes with every start of the machine. */
  readonly bootId: string | null;
  /** Containers have their own process numbers: in another namespace a number says nothing. */
  readonly pidNamespace: string | null;
}

/** Of a process that may be dead. */
export interface ProcessState {
  readonly isAlive: boolean;
  readonly processStart: string | null;
}

export function identifyThisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    processStart: lookUpProcess(process.pid).processStart,
    bootId: tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: tryRead(() => readlinkSync('/proc/self/ns/pid')),
  };
}

export function lookUpProcess(pid: number): ProcessState {
  const status = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (status === null) return { isAlive: isSignalled(pid), processStart: null };
  // proc(5): the command's name in parentheses may hold anything; fields 3 (state) and 22 (start time) come after it.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  const isAlive = fields[0] !== 'Z' && fields[0] !== 'X';
  return { isAlive, processStart: fields[19] ?? null };
}

function isSignalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function tryRead(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
