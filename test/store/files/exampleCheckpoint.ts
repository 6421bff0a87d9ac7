/** Small checkpoints whose values are a function of the step. */

import type { CheckpointContents } from '../../../main/store/files/checkpointFile.ts';

export function exampleCheckpoint(step: number, size = 6): CheckpointContents {
  return {
    step,
    tensors: new Map([
      [
        'weight',
        {
          dtype: 'F32',
          shape: [2, size / 2],
          data: Float32Array.from({ length: size }, (_, i) => step + i / 7),
        },
      ],
      ['adam.step', { dtype: 'I64', shape: [], data: BigInt64Array.of(BigInt(step)) }],
    ]),
    metadata: { epoch: String(step * 2) },
  };
}
