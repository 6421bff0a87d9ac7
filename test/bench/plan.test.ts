import { describe, expect, it } from 'vitest';

import { findPreset, resolvePreset } from '../../shared/config/presets.ts';
import { countParameters, planBench } from './plan.ts';

const laptop = { device: 'CPU', cores: 2, memoryBytes: 24e9 } as const;

function presetOf(name: string) {
  const preset = findPreset(name);
  if (!preset) throw new Error(`No preset ${name}.`);
  return resolvePreset(preset);
}

function batchOf(name: string, machine: Parameters<typeof planBench>[1]) {
  const { config, images } = planBench(presetOf(name), machine);
  return [config.train.batchSize, images];
}

describe('planBench', () => {
  it('trains and samples sixteen images of a small network, and one or two of the large one, on two cores', () => {
    expect(batchOf('tiny', laptop)).toEqual([16, 16]);
    expect(batchOf('small', laptop)).toEqual([16, 16]);
    expect(batchOf('notebook', laptop)).toEqual([2, 1]);
    expect(batchOf('notebook', { ...laptop, memoryBytes: 512e9 })).toEqual([2, 1]);
  });

  it('plans more images for more cores, and at least one if memory is short', () => {
    expect(batchOf('notebook', { ...laptop, cores: 32, memoryBytes: 512e9 })).toEqual([32, 16]);
    expect(batchOf('notebook', { ...laptop, memoryBytes: 2e9 })).toEqual([1, 1]);
  });

  it("keeps the preset's batch on a GPU", () => {
    expect(batchOf('notebook', { ...laptop, device: 'GPU' })).toEqual([64, 16]);
  });

  it('knows the pixels of an example', () => {
    expect(planBench(presetOf('tiny'), laptop)).toMatchObject({ observed: 204, queries: 256 });
  });
});

describe('countParameters', () => {
  it('leaves out fixed buffers', () => {
    expect(countParameters(presetOf('tiny'))).toBe(239_939);
  });
});
