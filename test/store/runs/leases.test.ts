import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databaseFile } from '../../../main/store/dataFolder.ts';
import {
  acquireLease,
  findLease,
  heartbeat,
  isLeaseLive,
  listLeases,
  releaseLease,
} from '../../../main/store/runs/leases.ts';
import type { Lease } from '../../../main/store/runs/leases.ts';
import { identifyThisProcess, lookUpProcess } from '../../../main/runtime/processIdentity.mjs';
import { startChild } from '../children/startChild.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';

/** A lease of this very process, alive in every respect, with something changed. */
function leaseWith(change: Partial<Lease>): Lease {
  return { runId: 'abcdefgh', ...identifyThisProcess(), heartbeatAt: Date.now(), ...change };
}
const minuteAndSecond = 61_000;
const isLinux = process.platform === 'linux';

describe('a lease', () => {
  it('keeps a second process out while the first lives, and falls to it when the first is killed', async () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    const first = startChild('holdLease.ts', databaseFile(store.dataFolder), id);
    await first.waitFor(`held by ${first.process.pid}`);
    const refusal = new RegExp(
      `Run ${id} is being computed by process ${first.process.pid}; .* Pause or stop`,
    );
    expect(() => acquireLease(store.db, id)).toThrow(refusal);
    const second = startChild('holdLease.ts', databaseFile(store.dataFolder), id);
    await second.waitFor('refused: ');
    expect(() => heartbeat(store.db, id)).toThrow(`held by process ${first.process.pid}`);
    releaseLease(store.db, id);
    expect(findLease(store.db, id)?.pid).toBe(first.process.pid);
    await first.kill();
    acquireLease(store.db, id);
    expect(findLease(store.db, id)?.pid).toBe(process.pid);
  });

  it('is refused to the process that has it already, until it gives it back', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    acquireLease(store.db, id);
    expect(() => acquireLease(store.db, id)).toThrow(`computed by process ${process.pid}`);
    releaseLease(store.db, id);
    expect(listLeases(store.db)).toEqual([]);
    expect(() => acquireLease(store.db, id)).not.toThrow();
  });

  it('is renewed by a heartbeat, and a lost one is an error', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    acquireLease(store.db, id);
    store.db.prepare('UPDATE leases SET heartbeat_milliseconds = 5').run();
    heartbeat(store.db, id);
    expect(findLease(store.db, id)?.heartbeatAt).toBeGreaterThan(Date.now() - 5000);
    store.db.prepare('DELETE FROM leases').run();
    expect(() => heartbeat(store.db, id)).toThrow(/lease of run .* is gone/);
  });

  it('needs a run', () => {
    expect(() => acquireLease(openExampleStore().db, 'abcdefgh')).toThrow(/FOREIGN KEY/);
  });
});

describe('isLeaseLive', () => {
  it('holds for this process, however long its last heartbeat is ago', () => {
    expect(isLeaseLive(leaseWith({}))).toBe(true);
    if (isLinux) expect(isLeaseLive(leaseWith({ heartbeatAt: Date.now() - minuteAndSecond }))).toBe(true);
  });

  it.runIf(isLinux)('does not hold for a process number that was given to a later process', () => {
    expect(isLeaseLive(leaseWith({ processStart: '1' }))).toBe(false);
  });

  it.runIf(isLinux)('does not hold after a restart of the machine', () => {
    expect(isLeaseLive(leaseWith({ bootId: 'another' }))).toBe(false);
  });

  it('goes by the heartbeat where the start time is not known', () => {
    const unknown = { processStart: null, bootId: null };
    expect(isLeaseLive(leaseWith(unknown))).toBe(true);
    expect(isLeaseLive(leaseWith({ ...unknown, heartbeatAt: Date.now() - minuteAndSecond }))).toBe(false);
    expect(isLeaseLive(leaseWith({ ...unknown, heartbeatAt: Date.now() + minuteAndSecond }))).toBe(false);
  });

  it.runIf(isLinux)('goes by the heartbeat for a process of another container', () => {
    const elsewhere = { pidNamespace: 'pid:[1]', pid: 999_999_999 };
    expect(isLeaseLive(leaseWith(elsewhere))).toBe(true);
    expect(isLeaseLive(leaseWith({ ...elsewhere, heartbeatAt: Date.now() - minuteAndSecond }))).toBe(false);
  });

  it('does not hold for a process that is gone', () => {
    expect(isLeaseLive(leaseWith({ pid: 999_999_999 }))).toBe(false);
    expect(lookUpProcess(999_999_999)).toEqual({ isAlive: false, processStart: null });
  });

  it.runIf(isLinux)('does not hold for a process that ended and was not waited for', async () => {
    // The child outlives the shell, which would have waited for it; what the shell becomes does not.
    const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 30']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    await expect.poll(() => lookUpProcess(pid).isAlive).toBe(false);
    expect(process.kill(pid, 0)).toBe(true);
    expect(isLeaseLive(leaseWith({ pid, processStart: lookUpProcess(pid).processStart }))).toBe(false);
  });
});
