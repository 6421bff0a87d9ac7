import * as imported from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

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
    expect(probe.reason).toBe('WASM was asked for.');
    expect((await probeBackend(root, { prefer: 'auto', depth: 'quick' })).info).toEqual(backend);
  });
});

describeNative('native TensorFlow', () => {
  it('is a release that knows the cards of today, and says its version', () => {
    expect(backend.version).toMatch(/^2\.\d+\.\d+$/);
  });

  it('measures a plausible speed', async () => {
    const { gigaflops, microsecondsPerOperation, threads } = await probeBackend(root, {
      prefer: 'tensorflow',
      depth: 'full',
    });
    expect(gigaflops).toBeGreaterThan(1);
    expect(microsecondsPerOperation).toBeLessThan(1000);
    expect(threads).toBeGreaterThanOrEqual(1);
  });
});

testStatelessRandom(tf);
