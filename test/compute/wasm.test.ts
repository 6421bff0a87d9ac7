import * as imported from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { loadBackend } from '../../main/compute/backend.ts';
import { testStatelessRandom } from './statelessRandomTruths.ts';

const { info, tf, reason } = await loadBackend({ prefer: 'wasm' });

describe('the WASM backend', () => {
  it('loads on any machine and says why it is used', () => {
    expect(info.kind).toBe('wasm');
    expect(reason).not.toBeNull();
    expect(imported.engine()).toBe(tf.engine());
    expect(imported.getBackend()).toBe('wasm');
  });
});

testStatelessRandom(tf);
