import * as imported from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { loadBackend } from '../../main/compute/backend.ts';
import { backend, describeNative, tf } from '../support/backend.ts';

describe('the backend', () => {
  it('is registered on the very tfjs-core that the engine imports', () => {
    expect(imported.getBackend()).toBe(backend.kind);
    expect(imported.engine()).toBe(tf.engine());
    expect(imported.matMul).toBe(tf.matMul);
  });

  it('multiplies matrices', () => {
    const product = imported.matMul(
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    );
    expect([...product.dataSync()]).toEqual([19, 22, 43, 50]);
    product.dispose();
  });
});
