/** The presets that are measured, with batches that fit the machine. */

import { createMaskSource } from '../../main/datasets/masks.ts';
import { createField } from '../../main/engine/field/registry.ts';
import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import { presets, resolvePreset, tiny } from '../../shared/config/presets.ts';
import type { MachineSize } from './machine.ts';

/** The networks that no preset has, next to the preset they differ from. */
const otherNetworks = {
  local: { kind: 'local', dim: 32, neighbours: 8, blocks: 1, readBlocks: 2 },
  transformer: { kind: 'transformer', dim: 64, blocks: 1, readBlocks: 2, patch: 7, fourierFeatures: 32 },
} as const;

/** What can be measured, by name: the presets, and `tiny` with each of the other networks. */
export const benchConfigs: ReadonlyMap<string, RunConfig> = new Map([
  ...presets.map((preset): [string, RunConfig] => [preset.name, resolvePreset(preset)]),
  ...Object.entries(otherNetworks).map(([name, network]): [string, RunConfig] => {
    const field = { ...network, heads: 4, dropout: 0, fourierScale: 3, residual: 'thin-plate' };
    return [name, runConfigSchema.parse({ ...resolvePreset(tiny), preset: name, field })];
  }),
]);

/** Numbers of function evaluations with which sampling is measured. */
export const evaluationCounts = [1, 10, 50] as const;

export interface BenchPlan {
  /** Configuration with the batch size for training. */
  readonly config: RunConfig;
  /** Number of whole images sampled at once. */
  readonly images: number;
  readonly parameters: number;
  /** Numbers of observed and queried pixels of an example. */
  readonly observed: number;
  readonly queries: number;
}

/** Number of images per sampling if the machine is large enough. */
const wantedImages = 16;
/** Operations per core of a training step and of a function evaluation, of which there are up to fifty. */
const budgets = { step: 1e11, evaluation: 5e10 } as const;
/** Part of the machine's memory that one of up to nine contestants may need; the estimate of its need is a generous one. */
const memoryPart = 1 / 8;

/** Unit of paths that are scaled to their data; its value has no influence on the speed. */
const measured = { residual: 0.1, images: 256 };

/**
 * Plans the batch of the preset and 16 images on a GPU. On a CPU, as many as keep a training step below about a second and all
 * contestants within the memory: a power of two, at least 1; never more than `most`.
 */
export function planBench(preset: RunConfig, machine: MachineSize, most = Infinity): BenchPlan {
  const side = preset.data.imageSize;
  const { observedCount, targetCount } = createMaskSource({ ...preset.mask, width: side, height: side });
  const parameters = countParameters(preset);
  const fit = (wanted: number, work: { queries: number; passes: number; budget: number; blocks: number }) => {
    if (machine.device === 'GPU') return Math.min(wanted, most);
    const points = Math.max(latentsOf(preset), observedCount + work.queries);
    const flops = 2 * work.passes * parameters * points;
    const byTime = (work.budget * machine.cores) / flops;
    const byMemory = (machine.memoryBytes * memoryPart) / (work.blocks * bytesOfBlock(preset, points));
    return Math.min(wanted, most, powerOfTwoWithin(Math.min(byTime, byMemory)));
  };
  const { blocks } = preset.field;
  const readBlocks = 'readBlocks' in preset.field ? preset.field.readBlocks : 0;
  // A training step costs about three forward passes and keeps the outputs of every block.
  const training = { queries: targetCount, passes: 3, budget: budgets.step, blocks: blocks + readBlocks };
  const sampling = { queries: side ** 2, passes: 1, budget: budgets.evaluation, blocks: 1 };
  const batchSize = fit(preset.train.batchSize, training);
  const images = fit(wantedImages, sampling);
  const path = preset.path.unit !== 'colours' ? { ...preset.path, measured } : preset.path;
  const config = { ...preset, path, train: { ...preset.train, batchSize } };
  return { config, images, parameters, observed: observedCount, queries: targetCount };
}

/** Counts the trainable numbers of the configured network. */
export function countParameters(config: RunConfig): number {
  return createField(config.field)
    .parameters.filter(({ isTrainable }) => isTrainable)
    .reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

function latentsOf({ field }: RunConfig): number {
  return field.kind === 'perceiver' ? field.latents : 0;
}

/** Returns the bytes of about a dozen float32 copies of the largest tensor of a block: the attention weights of a Perceiver, or else the points. */
function bytesOfBlock({ field }: RunConfig, points: number): number {
  if (field.kind !== 'perceiver') return 4 * 12 * field.dim * points;
  return 4 * 12 * field.latents * field.heads * (field.latents + points);
}

function powerOfTwoWithin(limit: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(limit)));
}
