/** Rows of the table `leases`: which process computes a run, so that no second one does. */

import { findProcess, identifyThisProcess, type ProcessIdentity } from '../../runtime/processIdentity.mjs';
import type { LabDatabase } from '../database/database.ts';

/** A holder whose process cannot be looked up counts as dead after this time without a heartbeat. */
const heartbeatLimitMilliseconds = 60_000;

/** A process that works on something, with the time of its last heartbeat. */
export interface Holder extends ProcessIdentity {
  /** Milliseconds since 1970. */
  readonly heartbeatAt: number;
}

export interface Lease extends Holder {
  readonly runId: string;
}

interface LeaseRow {
  readonly run_id: string;
  readonly pid: number;
  readonly process_start: string | null;
  readonly boot_id: string | null;
  readonly pid_namespace: string | null;
  readonly heartbeat_milliseconds: number;
}

/** Runs that this process no longer computes, although the database, which could not be written, still has its lease. */
const givenUp = new Set<string>();

/** Whether this process gave up a run and could not record that yet. */
export function isGivenUp(runId: string): boolean {
  return givenUp.has(runId);
}

/**
 * Acquires the lease of a run for this process; call it before the run's status becomes `running`. The lease of a dead
 * process is taken over, and one that this process could not release.
 * @throws Error naming the process that holds it.
 */
export function acquireLease(db: LabDatabase, runId: string): void {
  const acquire = db.transaction(() => {
    const lease = findLease(db, runId);
    if (lease && isLeaseLive(lease) && !givenUp.has(runId)) {
      throw new Error(
        `Run ${runId} is being computed by process ${lease.pid}; it was expected to be free. Pause or stop it there first, or end that process.`,
      );
    }
    const { pid, processStart, bootId, pidNamespace } = identifyThisProcess();
    db.prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?)').run(
      runId,
      pid,
      processStart,
      bootId,
      pidNamespace,
      Date.now(),
    );
  });
  acquire.immediate();
  givenUp.delete(runId);
}

/** Renews the lease; call it about every 10 s. @throws Error when the lease is lost. */
export function heartbeat(db: LabDatabase, runId: string): void {
  const changed = changeOwnLease(db, runId, `UPDATE leases SET heartbeat_milliseconds = ${Date.now()}`);
  if (changed > 0) return;
  const holder = findLease(db, runId);
  throw new Error(
    `The lease of run ${runId} is ${holder ? `held by process ${holder.pid}` : 'gone'}; this process (${process.pid}) was expected to hold it. Stop computing here; resume the run where it is free.`,
  );
}

/** Releases the lease; does nothing when another process holds it. If the database cannot be written, this process may acquire it again. */
export function releaseLease(db: LabDatabase, runId: string): void {
  givenUp.add(runId);
  changeOwnLease(db, runId, 'DELETE FROM leases');
  givenUp.delete(runId);
}

export function findLease(db: LabDatabase, runId: string): Lease | undefined {
  const row = db.prepare<[string], LeaseRow>('SELECT * FROM leases WHERE run_id = ?').get(runId);
  return row && toLease(row);
}

export function listLeases(db: LabDatabase): Lease[] {
  return db.prepare<[], LeaseRow>('SELECT * FROM leases').all().map(toLease);
}

/**
 * Returns whether the holder is alive. It is dead if the machine was rebooted, the process is gone, or its pid belongs to a
 * later process. If that cannot be determined, the heartbeat decides.
 */
export function isLeaseLive(lease: Holder): boolean {
  const state = findProcess(lease);
  // A heartbeat from the future was written before the clock was set back, and is as worthless as an old one.
  const isFresh = Math.abs(Date.now() - lease.heartbeatAt) <= heartbeatLimitMilliseconds;
  return state === 'alive' || (state === 'unknown' && isFresh);
}

function changeOwnLease(db: LabDatabase, runId: string, change: string): number {
  const { pid, processStart, pidNamespace } = identifyThisProcess();
  return db
    .prepare(`${change} WHERE run_id = ? AND pid = ? AND process_start IS ? AND pid_namespace IS ?`)
    .run(runId, pid, processStart, pidNamespace).changes;
}

function toLease(row: LeaseRow): Lease {
  return {
    runId: row.run_id,
    pid: row.pid,
    processStart: row.process_start,
    bootId: row.boot_id,
    pidNamespace: row.pid_namespace,
    heartbeatAt: row.heartbeat_milliseconds,
  };
}
