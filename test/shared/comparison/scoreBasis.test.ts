import { describe, expect, it } from 'vitest';
import { groupByBasis, scoreBasisOf } from '../../../shared/comparison/scoreBasis.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';

const basisOf = (input: RunConfigInput, checksum: string | null = 'c0ffee') =>
  scoreBasisOf(runConfigSchema.parse(input), checksum);
const cifar: RunConfigInput = { data: { source: 'cifar10' } };

describe('what the scores of a run are measured on', () => {
  it('is the same whatever the network, the optimiser and the budget are', () => {
    const other = basisOf({
      ...cifar,
      seed: 7,
      field: { kind: 'unet' },
      optim: { learningRate: 1 },
      train: { steps: 3, batchSize: 2, timesPerRun: 4 },
    });
    expect(other).toEqual(basisOf(cifar));
  });

  it('is the same wherever the images are, and another one as soon as they differ', () => {
    expect(basisOf({ data: { source: 'cifar10:/mnt/cifar' } }).key).toBe(basisOf(cifar).key);
    expect(basisOf(cifar, 'other').key).not.toBe(basisOf(cifar).key);
    expect(basisOf({ data: { source: 'folder:/home/me/birds' } }, null).key).not.toContain('/home');
  });

  it.each<[string, RunConfigInput]>([
    ['image size', { data: { source: 'cifar10', imageSize: 16 } }],
    ['held-out images', { data: { source: 'cifar10', validationImages: 64 } }],
    ['fraction', { ...cifar, mask: { keepRatio: 0.5 } }],
    ['law', { ...cifar, mask: { law: 'strokes' } }],
    ['mask seed', { ...cifar, mask: { seed: 1 } }],
    ['noise', { ...cifar, mask: { observationNoise: 0.1 } }],
    ['number of images', { ...cifar, train: { evaluationImages: 8 } }],
    ['kind of result', { ...cifar, train: { evaluate: 'posterior mean' } }],
  ])('is another one if the %s differs', (_part, input) => {
    expect(basisOf(input).key).not.toBe(basisOf(cifar).key);
  });

  it('has the phase of a Bayer pattern in it, and no fraction', () => {
    const field = { kind: 'unet', channelMask: true } as const;
    const bayer = (mask: object) => basisOf({ ...cifar, field, mask: { law: 'bayer', ...mask } });
    expect(bayer({ keepRatio: 0.5 }).key).toBe(bayer({}).key);
    expect(bayer({ phase: 'GBRG' }).key).not.toBe(bayer({}).key);
    expect(bayer({ phase: 'GBRG' }).label).toBe(
      'CIFAR-10 32×32 · Bayer pattern (GBRG) · sample of 32 images',
    );
    expect(basisOf({ ...cifar, mask: { phase: 'GBRG' } }).key).toBe(basisOf(cifar).key);
  });

  it('is described by data, masks and results', () => {
    expect(basisOf(cifar).label).toBe('CIFAR-10 32×32 · 20 % known, random pixels · sample of 32 images');
    const crops = { source: 'folder:/home/me/birds', imageSize: 64, crops: true };
    expect(
      basisOf({ data: crops, mask: { law: 'block' }, train: { evaluate: 'posterior mean' } }).label,
    ).toMatch(/^birds 64×64, crops · 20 % known, block.* · posterior mean of 32 images$/);
  });

  it('divides runs into groups, in the order of their first', () => {
    const of = (key: string) => ({ scores: { key, label: key } });
    const groups = groupByBasis([of('b'), of('a'), of('b')], ({ scores }) => scores);
    expect(groups.map(({ basis, items }) => [basis.key, items.length])).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
  });
});
