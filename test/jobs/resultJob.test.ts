import { describe, expect, it, vi } from 'vitest';
import type { ComputeEvent } from '../../main/compute/protocol.ts';
import { runResultJob } from '../../main/jobs/resultJob.ts';
import { readyEvent } from './exampleEvents.ts';
import { createFakeHost } from './fakeHost.ts';

const command = { type: 'parity', job: { folder: '', source: null, cacheFolder: '' } } as const;
const checked: ComputeEvent = {
  type: 'checked',
  report: { ok: true, execution: 'compiled', eager: [], checks: [], skipped: [] },
};

describe('a job with one result', () => {
  it('returns its result when the process has ended, and hands every event on', async () => {
    const host = createFakeHost();
    const seen: string[] = [];
    const createHost = () => host;
    const job = runResultJob(command, 'checked', { createHost, onEvent: ({ type }) => seen.push(type) });
    expect(host.sent).toEqual([command]);
    host.emit(readyEvent);
    host.emit(checked);
    host.exit();
    expect(await job).toEqual(checked);
    expect(seen).toEqual(['ready', 'checked']);
  });

  it("fails with the process's own message", async () => {
    const host = createFakeHost();
    const job = runResultJob(command, 'checked', { createHost: () => host });
    host.emit({ type: 'failed', cause: 'error', message: 'No such folder.' });
    host.exit();
    await expect(job).rejects.toThrow(/^No such folder\.$/);
  });

  it('says how a process ended that had no last word', async () => {
    const host = createFakeHost();
    const job = runResultJob(command, 'checked', { createHost: () => host });
    host.exit({ code: null, signal: 'SIGSEGV' });
    await expect(job).rejects.toThrow(/ended \(SIGSEGV\).*lab doctor/);
  });

  it('is asked to stop when it is aborted, and killed a second later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const host = createFakeHost();
    const controller = new AbortController();
    const job = runResultJob(command, 'checked', { createHost: () => host, signal: controller.signal });
    const refused = expect(job).rejects.toMatchObject({ name: 'AbortError' });
    controller.abort();
    expect(host.sent.at(-1)).toEqual({ type: 'stop' });
    vi.advanceTimersByTime(999);
    expect(host.isGone()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(host.isGone()).toBe(true);
    await refused;
    vi.useRealTimers();
  });
});
