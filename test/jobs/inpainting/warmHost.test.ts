import { describe, expect, it } from 'vitest';
import { runConfigSchema } from '../../../shared/config/config.ts';
import type { InpaintJob } from '../../../main/compute/protocol.ts';
import type { HostMode } from '../../../main/jobs/computeHost.ts';
import { createWarmHost } from '../../../main/jobs/inpainting/warmHost.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import { inpaintedEvent } from './exampleInpaintings.ts';
import { createFakeHost, type FakeHost } from '../fakeHost.ts';

const job: InpaintJob = {
  id: 'abcdefgh',
  config: runConfigSchema.parse({}),
  checkpoint: '/ckpt',
  plan: { solver: 'euler', steps: 1 },
  width: 1,
  height: 1,
  pixels: new Uint8Array(3),
  mask: { width: 1, height: 1, channels: 1, bits: Uint8Array.of(1) },
  opaque: null,
  fit: 'whole',
  scale: 1,
  samples: 1,
  seed: 0,
  bounded: false,
  truthIsKnown: true,
};

function openWarmHost(times = { idle: 80, cancel: 80 }) {
  const hosts: FakeHost[] = [];
  const warm = createWarmHost(() => {
    const host = createFakeHost();
    hosts.push(host);
    return host;
  }, times);
  const compute = () => warm.compute(job, () => undefined);
  return { hosts, warm, compute };
}

describe('a warm process', () => {
  it('ends after it has been idle for a while, and not before', async () => {
    const { hosts, compute } = openWarmHost();
    const first = compute();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(hosts[0].isGone()).toBe(false);
    hosts[0].emit(inpaintedEvent(job));
    expect(await first).toMatchObject({ width: 1, nfe: 19 });
    const second = compute();
    await new Promise((resolve) => setTimeout(resolve, 150));
    hosts[0].emit(inpaintedEvent(job));
    await second;
    expect(hosts[0].isGone()).toBe(false);
    await waitUntil(() => hosts[0].isGone());
    void compute();
    expect(hosts).toHaveLength(2);
  });

  it('loads a checkpoint before there is a job, takes the job, and ends if none arrives', async () => {
    const { hosts, warm, compute } = openWarmHost();
    warm.prepare('/ckpt');
    expect(hosts[0].sent).toEqual([{ type: 'prepareInpainting', checkpoint: '/ckpt' }]);
    const found = compute();
    warm.prepare('/other');
    expect(hosts.map(({ sent }) => sent.map(({ type }) => type))).toEqual([['prepareInpainting', 'inpaint']]);
    hosts[0].emit(inpaintedEvent(job));
    await found;
    await waitUntil(() => hosts[0].isGone());
    warm.prepare('/ckpt');
    expect(hosts).toHaveLength(2);
    await waitUntil(() => hosts[1].isGone());
  });

  it('is replaced if it died while idle', async () => {
    const { hosts, compute } = openWarmHost();
    const first = compute();
    hosts[0].emit(inpaintedEvent(job));
    await first;
    hosts[0].exit({ code: 1, signal: null });
    await hosts[0].exited;
    void compute();
    expect(hosts).toHaveLength(2);
  });

  it('cancels its job when it is closed', async () => {
    const { hosts, warm, compute } = openWarmHost();
    const work = compute();
    warm.close();
    expect([await work, hosts[0].isGone()]).toEqual([null, true]);
  });

  it('ignores events of another job', async () => {
    const { hosts, compute } = openWarmHost();
    const work = compute();
    hosts[0].emit({ type: 'inpaintingEnded', id: 'zzzzzzzz', message: 'not mine' });
    hosts[0].emit(inpaintedEvent(job));
    expect(await work).not.toBeNull();
  });

  it('is replaced after a crash by a safe one for the same job, and then by a usual one', async () => {
    const hosts: FakeHost[] = [];
    const modes: (HostMode | undefined)[] = [];
    const seen: string[] = [];
    const warm = createWarmHost((mode) => {
      modes.push(mode);
      hosts.push(createFakeHost());
      return hosts[hosts.length - 1];
    });
    const work = warm.compute(job, (event) => seen.push(event.type));
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    await waitUntil(() => hosts.length === 2);
    expect(hosts[1].sent).toEqual([{ type: 'inpaint', job }]);
    hosts[1].emit(inpaintedEvent(job));
    expect(await work).toMatchObject({ width: 1 });
    expect(seen[0]).toBe('retried');
    void warm.compute(job, () => undefined);
    expect(modes.map((mode) => mode ?? 'usual')).toEqual(['usual', 'safe', 'usual']);
    warm.close();
  });

  it('fails its job with an error if it crashes twice', async () => {
    const { hosts, compute } = openWarmHost();
    const refused = expect(compute()).rejects.toThrow(/SIGSEGV/);
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    await waitUntil(() => hosts.length === 2);
    hosts[1].exit({ code: null, signal: 'SIGSEGV' });
    await refused;
    expect(hosts).toHaveLength(2);
  });

  it('is not replaced if it crashes after its job was cancelled', async () => {
    const { hosts, warm, compute } = openWarmHost();
    const work = compute();
    warm.cancel();
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    expect(await work).toBeNull();
    expect(hosts).toHaveLength(1);
  });
});
