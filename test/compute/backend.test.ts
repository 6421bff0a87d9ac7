import * as imported from '@tensorflow/tfjs-core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { probeBackend } from '../../main/runtime/probe.ts';
import { backend, describeNative, tf } from '../support/backend.ts';
import { testStatelessRandom } from './statelessRandomTruths.ts';

const root = new URL('../..', import.meta.url).pathname;

describe('the backend', () => {
  it('is registered on the very tfjs-core that the engine imports', () => {
    expect(imported.getBackend()).toBe(backend.kind);
    expect(imported.engine()).toBe(tf.engine());
    expect(imported.matMul).toBe(tf.matMul);
  });

  it('prints nothing but the report on stdout, whichever backend loads', async () => {
    const probe = await probeBackend(root, { prefer: 'wasm', depth: 'quick' });
    expect(probe.info).toEqual({ kind: 'wasm', device: 'CPU', version: '4.22.0' });
    expect(probe.reason).toBe('WASM was requested.');
    expect((await probeBackend(root, { prefer: 'auto', depth: 'quick' })).info).toEqual(backend);
  });

  it('falls back to WASM with the reason where native TensorFlow cannot load, unless TensorFlow was required', async () => {
    vi.stubEnv('NODE_OPTIONS', '--no-addons');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { info, reason } = await probeBackend(root, { prefer: 'auto', depth: 'quick' });
    expect(info.kind).toBe('wasm');
    expect(reason).toMatch(/^Native TensorFlow does not load \(.*\); to install it run: npm run setup$/);
    const required = probeBackend(root, { prefer: 'tensorflow', depth: 'quick' });
    await expect(required).rejects.toThrow(/Native TensorFlow does not load .*npm run setup/);
  });
});

describeNative('native TensorFlow', () => {
  it('is a release that knows the cards of today, and says its version', () => {
    expect(backend.version).toMatch(/^2\.\d+\.\d+$/);
  });

  it('measures its own speed', async () => {
    const { gigaflops, microsecondsPerOperation, threads } = await probeBackend(root, {
      prefer: 'tensorflow',
      depth: 'full',
    });
    expect(gigaflops).toBeGreaterThan(0);
    expect(microsecondsPerOperation).toBeGreaterThan(0);
    expect(threads).toBeGreaterThanOrEqual(1);
  });
});

testStatelessRandom(tf);
