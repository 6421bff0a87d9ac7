import { describe, expect, it } from 'vitest';
import { createField } from '../../../main/engine/field/registry.ts';
import { layoutOf } from '../../../main/compute/modelCheckpoint.ts';
import {
  countActivationBytes,
  countCheckpointBytes,
  countParameters,
  countStepOperations,
} from '../../../shared/config/networkSize.ts';
import { runConfigSchema, type RunConfig, type RunConfigInput } from '../../../shared/config/config.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { countFlops } from '../../bench/engine/countFlops.ts';
import { findNativeBackend } from '../../../main/compute/graph/nativeBackend.ts';
import { describeNative } from '../../support/backend.ts';

const transformer = {
  kind: 'transformer',
  readBlocks: 2,
  patch: 3,
  residual: 'thin-plate',
} satisfies RunConfigInput['field'];

const variants: Record<string, RunConfigInput['field']> = {
  'time added, plain decoder': {},
  'adaptive, plain decoder': { timeConditioning: 'adaptive' },
  'adaptive, read-out blocks': { timeConditioning: 'adaptive', readBlocks: 2 },
  'state in the queries': { queryCarriesState: true },
  'everything on': {
    queryCarriesState: true,
    timeConditioning: 'adaptive',
    readBlocks: 3,
    residual: 'thin-plate',
    patch: 5,
  },
  'U-Net': { kind: 'unet', dim: 8, levels: 3, residual: 'thin-plate' },
  'U-Net with a mask for each channel': { kind: 'unet', dim: 8, levels: 2, stride: 2, channelMask: true },
  'U-Net on squares': { kind: 'unet', dim: 8, levels: 2, stride: 2, blocks: 1 },
  local: { kind: 'local', neighbours: 6, readBlocks: 2, residual: 'thin-plate' },
  'local, mixing': { kind: 'local', neighbours: 6, readBlocks: 2, mixing: 5, residual: 'thin-plate' },
  'U-Net that is given step sizes': {
    kind: 'unet',
    dim: 8,
    levels: 2,
    residual: 'thin-plate',
    stepConditioning: true,
  },
  transformer,
  'transformer with full attention': { ...transformer, queriesAttend: true },
};

function configOf(field: RunConfigInput['field']): RunConfig {
  const size = { latents: 12, dim: 32, fourierFeatures: 10, blocks: 2, heads: 4 };
  const path = { prediction: 'data' } as const;
  return runConfigSchema.parse({
    field: { ...size, ...field },
    path,
    // Two images of a batch of six, because a graph never convolves a single one.
    objective: { shortcutShare: field?.stepConditioning ? 1 / 3 : 0 },
    train: { batchSize: 6 },
    data: { imageSize: 16 },
  });
}

const all: [string, RunConfig][] = [
  ...presets.map((preset): [string, RunConfig] => [preset.name, resolvePreset(preset)]),
  ...Object.entries(variants).map(([name, field]): [string, RunConfig] => [name, configOf(field)]),
];

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

describe.each(all)('the network "%s"', (_, config) => {
  const field = createField(config.field);

  it('has as many parameters as were counted', () => {
    const trainable = field.parameters.filter(({ isTrainable }) => isTrainable);
    expect(countParameters(config.field)).toBe(trainable.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  });

  it('needs as many bytes in a checkpoint as were counted, with Muon less than one copy of the weights fewer', () => {
    const bytes = 4 * layoutOf(field, config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const counted = countCheckpointBytes(config);
    if (config.optim.kind === 'adamw') expect(bytes).toBe(counted);
    else {
      expect(bytes).toBeLessThan(counted);
      expect(bytes).toBeGreaterThan(counted - 4 * countParameters(config.field));
    }
  });
});

describe('the memory of a step', () => {
  it('is proportional to the batch size', () => {
    const config = configOf({});
    const twice = { ...config, train: { ...config.train, batchSize: 12 } };
    expect(countActivationBytes(twice)).toBe(2 * countActivationBytes(config));
  });
});

describeNative('the operations of a step', () => {
  it.each(Object.entries(variants))(
    'are within a tenth of those that TensorFlow computes for %s',
    async (_, field) => {
      const backend = findNativeBackend();
      const config = configOf(field);
      const { train: counted } = await countFlops(backend as NonNullable<typeof backend>, config, 1);
      expect(countStepOperations(config) / counted).toBeGreaterThan(0.9);
      expect(countStepOperations(config) / counted).toBeLessThan(1.1);
    },
  );
});
