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

/** Creates a live lease of this process with a change. */
function createLease(change: Partial<Lease>): Lease {
  return { runId: 'abcdefgh', ...identifyThisProcess(), heartbeatAt: Date.now(), ...change };
}
const minuteAndSecond = 61_000;
const isLinux = process.platform === 'linux';

describe('a lease', () => {
  it('excludes a second process while the first is alive, and can be acquired after the first was killed', async () => {
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

  it('cannot be acquired twice by the same process', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    acquireLease(store.db, id);
    expect(() => acquireLease(store.db, id)).toThrow(`computed by process ${process.pid}`);
    releaseLease(store.db, id);
    expect(listLeases(store.db)).toEqual([]);
    expect(() => acquireLease(store.db, id)).not.toThrow();
  });

  it('is renewed by a heartbeat, which fails if the lease was lost', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    acquireLease(store.db, id);
    store.db.prepare('UPDATE leases SET heartbeat_milliseconds = 5').run();
    const before = Date.now();
    heartbeat(store.db, id);
    expect(findLease(store.db, id)?.heartbeatAt).toBeGreaterThanOrEqual(before);
    store.db.prepare('DELETE FROM leases').run();
    expect(() => heartbeat(store.db, id)).toThrow(/lease of run .* is gone/);
  });

  it('needs an existing run', () => {
    expect(() => acquireLease(openExampleStore().db, 'abcdefgh')).toThrow(/FOREIGN KEY/);
  });
});

describe('isLeaseLive', () => {
  it('is true for this process, however old its last heartbeat is', () => {
    expect(isLeaseLive(createLease({}))).toBe(true);
    if (isLinux) expect(isLeaseLive(createLease({ heartbeatAt: Date.now() - minuteAndSecond }))).toBe(true);
  });

  it.runIf(isLinux)('is false for a process ID that now belongs to a later process', () => {
    expect(isLeaseLive(createLease({ processStart: '1' }))).toBe(false);
  });

  it.runIf(isLinux)('is false after a restart of the machine', () => {
    expect(isLeaseLive(createLease({ bootId: 'another' }))).toBe(false);
  });

  it('depends on the heartbeat if the start time of the process is unknown', () => {
    const unknown = { processStart: null, bootId: null };
    expect(isLeaseLive(createLease(unknown))).toBe(true);
    expect(isLeaseLive(createLease({ ...unknown, heartbeatAt: Date.now() - minuteAndSecond }))).toBe(false);
    expect(isLeaseLive(createLease({ ...unknown, heartbeatAt: Date.now() + minuteAndSecond }))).toBe(false);
  });

  it.runIf(isLinux)('depends on the heartbeat for a process in another container', () => {
    const elsewhere = { pidNamespace: 'pid:[1]', pid: 999_999_999 };
    expect(isLeaseLive(createLease(elsewhere))).toBe(true);
    expect(isLeaseLive(createLease({ ...elsewhere, heartbeatAt: Date.now() - minuteAndSecond }))).toBe(false);
  });

  it('is false for a process that does not exist', () => {
    expect(isLeaseLive(createLease({ pid: 999_999_999 }))).toBe(false);
    expect(lookUpProcess(999_999_999)).toEqual({ isAlive: false, processStart: null });
  });

  it.runIf(isLinux)('is false for a zombie process', async () => {
    // The shell starts a child and is then replaced by another program, which never waits for that child.
    const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 30']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    await expect.poll(() => lookUpProcess(pid).isAlive).toBe(false);
    expect(process.kill(pid, 0)).toBe(true);
    expect(isLeaseLive(createLease({ pid, processStart: lookUpProcess(pid).processStart }))).toBe(false);
  });
});
