import { describe, expect, it, vi } from 'vitest';
import type { ComputeEvent } from '../../main/compute/protocol.ts';
import type { CreateHost, HostMode } from '../../main/jobs/computeHost.ts';
import { runResultJob } from '../../main/jobs/resultJob.ts';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import { readyEvent, createFakeHost, type FakeHost } from './fakeHost.ts';

const command = { type: 'parity', job: { folder: '', source: null, cacheFolder: '' } } as const;
const checked: ComputeEvent = {
  type: 'checked',
  report: { ok: true, execution: 'compiled', eager: [], checks: [], skipped: [] },
};

/** Starts a job that receives a new process whenever it needs one. */
function startCrashing() {
  const hosts: FakeHost[] = [];
  const modes: (HostMode | undefined)[] = [];
  const seen: ComputeEvent[] = [];
  const createHost: CreateHost = (mode) => {
    modes.push(mode);
    hosts.push(createFakeHost());
    return hosts[hosts.length - 1];
  };
  const job = runResultJob(command, 'checked', { createHost, onEvent: (event) => seen.push(event) });
  return { hosts, modes, seen, job };
}

describe('a job with one result', () => {
  it('returns its result when the process has ended, and passes on every event', async () => {
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

  it('fails with the message of the process', async () => {
    const host = createFakeHost();
    const job = runResultJob(command, 'checked', { createHost: () => host });
    host.emit({ type: 'failed', cause: 'error', message: 'No such folder.' });
    host.exit();
    await expect(job).rejects.toThrow(/^No such folder\.$/);
  });

  it('reports how a process ended that sent no message', async () => {
    const host = createFakeHost();
    const job = runResultJob(command, 'checked', { createHost: () => host });
    host.exit({ code: null, signal: 'SIGKILL' });
    await expect(job).rejects.toThrow(/ended \(SIGKILL\).*lab doctor/);
  });

  it('is sent once more, to a safe process, after a crash, and reports this', async () => {
    const { hosts, modes, seen, job } = startCrashing();
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    await vi.waitUntil(() => hosts.length === 2);
    expect(hosts[1].sent).toEqual([command]);
    hosts[1].emit(checked);
    hosts[1].exit();
    expect(await job).toEqual(checked);
    expect(modes).toEqual(['usual', 'safe']);
    expect(seen).toEqual([
      {
        type: 'retried',
        message: 'The compute process crashed (SIGSEGV); continuing once more in a safer, slower mode.',
      },
      checked,
    ]);
  });

  it('fails if the process crashes a second time', async () => {
    const { hosts, job } = startCrashing();
    const refused = expect(job).rejects.toThrow(/ended \(SIGBUS\)/);
    hosts[0].exit({ code: null, signal: 'SIGABRT' });
    await vi.waitUntil(() => hosts.length === 2);
    hosts[1].exit({ code: null, signal: 'SIGBUS' });
    await refused;
    expect(hosts).toHaveLength(2);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'])('is not sent again after %s', async (signal) => {
    const { hosts, job } = startCrashing();
    const refused = expect(job).rejects.toThrow(signal);
    hosts[0].exit({ code: null, signal });
    await refused;
    expect(hosts).toHaveLength(1);
  });

  it('has its partial result if it is aborted, but not if it crashes or fails', async () => {
    const evaluated = { type: 'evaluated', evaluation: exampleEvaluation, isPartial: true } as const;
    const start = () => {
      const host = createFakeHost();
      const controller = new AbortController();
      const options = { createHost: () => host, signal: controller.signal };
      return { host, controller, job: runResultJob(command, 'evaluated', options) };
    };
    const aborted = start();
    aborted.host.emit(evaluated);
    aborted.controller.abort();
    aborted.host.exit();
    expect(await aborted.job).toEqual(evaluated);
    const failing = start();
    failing.host.emit(evaluated);
    failing.host.emit({ type: 'failed', cause: 'error', message: 'Out of memory.' });
    failing.host.exit();
    await expect(failing.job).rejects.toThrow('Out of memory.');
  });

  it('is asked to stop when it is aborted, and killed after one second', async () => {
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
