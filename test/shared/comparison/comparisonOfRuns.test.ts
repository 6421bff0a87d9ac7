import { describe, expect, it } from 'vitest';
import {
  commonProtocols,
  describeDifference,
  describeProtocol,
  protocolKey,
} from '../../../shared/comparison/commonProtocols.ts';
import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { comparisonCells, comparisonTables } from '../../../shared/comparison/comparisonTables.ts';
import { parameterDifferences } from '../../../shared/comparison/parameterDifferences.ts';
import { describeObserved } from '../../../shared/metric.ts';
import {
  exampleComparedEvaluation,
  exampleComparedRun,
  exampleFieldRow,
  exampleProtocol,
} from './exampleComparedRun.ts';

const mean = (gain: number, kind = 'flow') => exampleFieldRow(`${kind} · posterior mean`, gain);
const sample = (gain: number, kind = 'flow') =>
  exampleFieldRow(`${kind} · one sample (Heun)`, gain, { nfe: 19, solver: 'heun', solverSteps: 10 });

function compare(runs: readonly ComparedRun[], result?: string) {
  return comparisonOfRuns(runs, commonProtocols(runs)[0], result);
}

describe('comparisonOfRuns', () => {
  const runs = [
    exampleComparedRun('wide $& net', [exampleComparedEvaluation([mean(1), sample(-2)])], { id: 'aaaaaaaa' }),
    exampleComparedRun('deep', [exampleComparedEvaluation([mean(2, 'denoiser')])]),
  ];

  it('lists classical methods once, and every other row under its run', () => {
    expect(compare(runs).evaluation.rows.map(({ method }) => method)).toEqual([
      'thin plate',
      'wide $& net · posterior mean',
      'wide $& net · one sample (Heun)',
      'deep · posterior mean',
    ]);
  });

  it('represents a run by its posterior mean, or by the requested result if the run has it', () => {
    const chosen = (result?: string) => compare(runs, result).chosen.map((row) => row.row.method);
    expect(chosen()).toEqual(['wide $& net · posterior mean', 'deep · posterior mean']);
    expect(chosen('one sample (Heun)')).toEqual(['wide $& net · one sample (Heun)', 'deep · posterior mean']);
    expect(compare(runs).results).toEqual(['posterior mean']);
  });

  it('marks the best value of all runs', () => {
    const { evaluation } = compare(runs);
    const [table] = comparisonTables(evaluation.rows);
    const psnr = table.columns.findIndex(({ heading }) => heading.join(' ') === 'PSNR dB');
    expect(comparisonCells(table).map((cells) => cells[psnr].isBest)).toEqual([false, false, false, true]);
  });

  it('uses the evaluation of the newest weights, and the newest of rows with the same settings', () => {
    const run = exampleComparedRun('a', [
      exampleComparedEvaluation([mean(3)], { id: 3, step: 200, createdAt: '2026-11-23T22:00:00.000Z' }),
      exampleComparedEvaluation([mean(2), sample(0)], {
        id: 2,
        step: 200,
        createdAt: '2026-11-23T21:00:00.000Z',
      }),
      exampleComparedEvaluation([mean(9)], { id: 1, step: 100 }),
    ]);
    expect(compare([run]).rows.map(({ row, evaluationId, step }) => [row.psnr, evaluationId, step])).toEqual([
      [24.5, 3, 200],
      [21.5, 2, 200],
    ]);
  });

  it('distinguishes rows by EMA decay and number of solver steps, and runs of the same name by their IDs', () => {
    const rows = [
      exampleFieldRow('flow (average 0.99) · posterior mean', 1),
      sample(0),
      exampleFieldRow('flow · one sample (Heun)', 1, { solver: 'heun', solverSteps: 20 }),
    ];
    const twins = ['aaaaaaaa', 'bbbbbbbb'].map((id) =>
      exampleComparedRun('twin', [exampleComparedEvaluation(rows)], { id }),
    );
    expect(
      compare(twins)
        .rows.slice(0, 3)
        .map(({ row }) => row.method),
    ).toEqual([
      'twin (aaaaaaaa) · posterior mean, average 0.99',
      'twin (aaaaaaaa) · one sample (Heun), Heun 10',
      'twin (aaaaaaaa) · one sample (Heun), Heun 20',
    ]);
    expect(new Set(compare(twins).evaluation.rows.map(({ method }) => method)).size).toBe(7);
  });
});

describe('parameterDifferences', () => {
  const runs = [
    exampleComparedRun('a', [], { source: 'birds', config: { optim: { learningRate: 1e-3 } } }),
    exampleComparedRun('b', [], { source: 'birds', config: { preset: 'small' } }),
  ];
  const lines = parameterDifferences(runs);

  it('lists exactly the parameters that differ, with titles and units', () => {
    expect(lines.filter(({ differs }) => differs)).toEqual([
      { section: 'General', path: 'preset', title: 'Preset', texts: ['Tiny', 'Small'], differs: true },
      {
        section: 'Optimiser',
        path: 'optim.learningRate',
        title: 'Learning rate',
        texts: ['0.001', '0.0001'],
        differs: true,
      },
    ]);
    expect(lines.find(({ path }) => path === 'data.imageSize')?.texts).toEqual(['32 pixels', '32 pixels']);
  });

  it('lists the parameters of all networks of the runs, with a dash if a network does not have a parameter', () => {
    const paths = lines.map(({ path }) => path);
    expect(paths).toContain('field.latents');
    expect(paths).not.toContain('field.levels');
    const mixed = parameterDifferences([
      ...runs,
      exampleComparedRun('c', [], { config: { field: { kind: 'unet' } } }),
    ]);
    expect(mixed.find(({ path }) => path === 'field.levels')).toMatchObject({
      texts: ['–', '–', '2'],
      differs: true,
    });
    expect(mixed.find(({ path }) => path === 'field.latents')?.texts).toEqual(['512', '512', '–']);
    expect(mixed.map(({ path }) => path)).not.toContain('field.mixing');
    expect(mixed.find(({ path }) => path === 'field.kind')?.texts.slice(1)).toEqual([
      'Perceiver IO',
      'U-Net',
    ]);
  });

  it('names the data source without its folders', () => {
    expect(lines.find(({ path }) => path === 'data.source')?.texts).toEqual(['birds', 'birds']);
  });
});

const row = exampleFieldRow('flow · posterior mean', 1);
const evaluated = (changes: object, at = '2026-11-23T20:00:00.000Z') =>
  exampleComparedEvaluation([row], { protocol: { ...exampleProtocol, ...changes }, createdAt: at });

describe('commonProtocols', () => {
  it('lists the protocol that all runs share first, and names what differs in the others', () => {
    const groups = commonProtocols([
      exampleComparedRun('a', [evaluated({ maskSeed: 7 }, '2026-11-24T00:00:00.000Z'), evaluated({})]),
      exampleComparedRun('b', [evaluated({})]),
    ]);
    expect(groups.map(({ isShared, difference, members }) => [isShared, difference, members.length])).toEqual(
      [
        [true, 'mask seed 42', 2],
        [false, 'mask seed 7', 1],
      ],
    );
  });

  it('has no shared protocol if runs were scored on different images', () => {
    const groups = commonProtocols([
      exampleComparedRun('a', [evaluated({ images: 100 })]),
      exampleComparedRun('b', [evaluated({ images: 32, datasetChecksum: 'ffff' })]),
      exampleComparedRun('c', []),
    ]);
    expect(groups.every(({ isShared }) => !isShared)).toBe(true);
    expect(groups.map(({ difference }) => difference)).toContain('CIFAR-10, checksum ffff, 32 images');
  });

  it('identifies a dataset by its checksum, regardless of its folder', () => {
    const groups = commonProtocols([
      exampleComparedRun('a', [evaluated({ source: 'cifar10:/one' })]),
      exampleComparedRun('b', [evaluated({ source: 'cifar10:/other' })]),
    ]);
    expect(groups).toMatchObject([{ isShared: true, difference: '' }]);
  });

  it('is empty if no run was evaluated', () => {
    expect(commonProtocols([exampleComparedRun('a', [])])).toEqual([]);
  });
});

describe('protocolKey', () => {
  it('does not depend on the order of the fields', () => {
    const reversed = Object.fromEntries(Object.entries(exampleProtocol).reverse()) as typeof exampleProtocol;
    expect(protocolKey(reversed)).toBe(protocolKey(exampleProtocol));
  });
});

describe('describeDifference', () => {
  it('lists the settings in which a protocol differs from the others', () => {
    const other = { ...exampleProtocol, maskSeed: 7, keepRatio: 0.1 };
    expect(describeDifference(other, [exampleProtocol, other])).toBe('mask seed 7, 10 % observed');
    const strokes = { ...exampleProtocol, maskLaw: 'strokes' } as const;
    const thin = { ...strokes, maskMarkSize: 0.02 };
    expect(describeDifference(thin, [strokes, thin])).toBe('size of strokes or letters 0.02');
    expect(describeDifference(strokes, [strokes, thin])).toBe('size of strokes or letters varied');
    const counted = { ...exampleProtocol, maskLaw: 'counter' } as const;
    expect(describeDifference(counted, [exampleProtocol])).toBe('masks: random pixels (counter)');
    expect(describeDifference(counted, [strokes])).toBe('masks: random pixels');
    expect(describeProtocol(thin)).toContain('masks: brush strokes (size 0.02), seed');
    const noisy = { ...exampleProtocol, observationNoise: 0.1, pasted: false };
    expect(describeDifference(noisy, [noisy, exampleProtocol])).toBe(
      'observed pixels not pasted, noise 0.1 on observed values',
    );
    expect(describeDifference(exampleProtocol, [noisy, exampleProtocol])).toBe(
      'observed pixels pasted, no noise',
    );
    expect(describeProtocol(noisy)).toContain('noise of standard deviation 0.1; results are compared');
    expect(describeProtocol(noisy)).toContain('nothing is pasted');
    const maskMixture = 'strokes, text keep=0.8';
    const mixed = { ...exampleProtocol, maskLaw: 'mixture', maskMixture, observedPixels: 256 } as const;
    expect(describeDifference(mixed, [mixed, strokes])).toBe(
      'masks: mixture of laws, 256 pixels observed, mixture of 50 % brush strokes, 50 % text (80 % known)',
    );
    expect(describeProtocol(mixed)).toContain(
      'on average 256 of 1024 pixels observed (25 %); masks: mixture of 50 % brush strokes, 50 % text (80 % known), seed',
    );
    const bayer = {
      ...exampleProtocol,
      maskLaw: 'bayer',
      keepRatio: 0.333333,
      observedPixels: 1024,
    } as const;
    const turned = { ...bayer, maskPhase: 'GBRG' } as const;
    expect(describeDifference(bayer, [bayer, turned])).toBe('Bayer pattern RGGB');
    expect(describeDifference(turned, [bayer, turned])).toBe('Bayer pattern GBRG');
    expect(describeProtocol(turned)).toContain(
      'one of the three channels of each of 1024 pixels observed; masks: Bayer pattern (GBRG)',
    );
    expect([describeObserved(turned), describeObserved(exampleProtocol)]).toEqual([
      'one channel per pixel',
      '20 % observed',
    ]);
    expect(describeDifference(other, [other])).toBe('');
  });
});
