/** A measurement of two rounds with everybody in it. */

import type { Measurement } from './rows.ts';

export const training: Measurement = {
  kind: 'train',
  nfe: null,
  batch: 16,
  times: new Map([
    ['compiled', [20, 40]],
    ['eager', [100, 120]],
    ['pytorchEager', [40, 50]],
    ['pytorchCompiled', [10, 80]],
  ]),
  megabytes: new Map([
    ['compiled', 700],
    ['pytorchEager', 500],
  ]),
};

/** PyTorch with torch.compile has failed, and the eager engine too. */
export const sampling: Measurement = {
  kind: 'sample',
  nfe: 10,
  batch: 8,
  times: new Map([
    ['compiled', [400]],
    ['pytorchEager', [500]],
  ]),
  megabytes: new Map(),
};
