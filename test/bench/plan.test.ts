import { describe, expect, it } from 'vitest';

import { findPreset, resolvePreset } from '../../shared/config/presets.ts';
import { countParameters, planBench } from './plan.ts';

const laptop = { device: 'CPU', cores: 2, memoryBytes: 24e9 } as const;

function resolveNamedPreset(name: string) {
  const preset = findPreset(name);
  if (!preset) throw new Error(`No preset ${name}.`);
  return resolvePreset(preset);
}

function planBatches(name: string, machine: Parameters<typeof planBench>[1]) {
  const { config, images } = planBench(resolveNamedPreset(name), machine);
  return [config.train.batchSize, images];
}

describe('planBench', () => {
  it('plans batches of sixteen images for small networks and of one or two for the large one on two cores', () => {
    expect(planBatches('tiny', laptop)).toEqual([16, 16]);
    expect(planBatches('small', laptop)).toEqual([16, 16]);
    expect(planBatches('notebook', laptop)).toEqual([2, 1]);
    expect(planBatches('notebook', { ...laptop, memoryBytes: 512e9 })).toEqual([2, 1]);
  });

  it('plans more images for more cores, and at least one if memory is short', () => {
    expect(planBatches('notebook', { ...laptop, cores: 32, memoryBytes: 512e9 })).toEqual([32, 16]);
    expect(planBatches('notebook', { ...laptop, memoryBytes: 2e9 })).toEqual([1, 1]);
  });

  it("keeps the preset's batch on a GPU", () => {
    expect(planBatches('notebook', { ...laptop, device: 'GPU' })).toEqual([64, 16]);
  });

  it('plans no more images than are wanted', () => {
    for (const device of ['CPU', 'GPU'] as const) {
      const { config, images } = planBench(resolveNamedPreset('notebook'), { ...laptop, device }, 1);
      expect([config.train.batchSize, images]).toEqual([1, 1]);
    }
  });

  it('contains the numbers of observed and queried pixels', () => {
    expect(planBench(resolveNamedPreset('tiny'), laptop)).toMatchObject({ observed: 204, queries: 256 });
  });
});

describe('countParameters', () => {
  it('leaves out fixed buffers', () => {
    expect(countParameters(resolveNamedPreset('tiny'))).toBe(239_939);
  });
});
