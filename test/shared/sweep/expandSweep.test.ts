import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeValues, expandSweep, listSettings, valuesOf } from '../../../shared/sweep/expandSweep.ts';
import { sweepSpecSchema } from '../../../shared/sweep/sweep.ts';
import { evaluationRequestOf, scoreEvaluation } from '../../../shared/sweep/sweepScore.ts';
import { exampleSpec } from './exampleSweep.ts';

const paths = ['optim.learningRate', 'optim.weightDecay', 'optim.beta1', 'optim.beta2'] as const;
const axes = fc
  .uniqueArray(fc.constantFrom(...paths), { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((path) =>
        fc
          .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 4 })
          .map((values) => ({ kind: 'list' as const, path, values: values.map((value) => value / 100) })),
      ),
    ),
  );

describe('the members of a sweep', () => {
  it('are the product of all values and seeds, each combination once', () => {
    fc.assert(
      fc.property(axes, fc.integer({ min: 1, max: 3 }), (chosen, repeats) => {
        const seeds = Array.from({ length: repeats }, (_, seed) => seed);
        const members = expandSweep(exampleSpec({ axes: chosen, seeds }));
        const product = chosen.reduce((count, { values }) => count * values.length, repeats);
        expect(members).toHaveLength(product);
        expect(new Set(members.map(({ values, seed }) => JSON.stringify([values, seed]))).size).toBe(product);
        expect(members.map(({ index }) => index)).toEqual([...members.keys()]);
      }),
      { numRuns: 25 },
    );
  });

  it('have the values, the seed and the budget in their configuration', () => {
    const spec = exampleSpec({ seeds: [7, 9] });
    for (const { values, seed, config } of expandSweep(spec)) {
      expect(config.optim.learningRate).toBe(values['optim.learningRate']);
      expect(config.field.dim).toBe(values['field.dim']);
      expect([config.seed, config.train.steps, config.train.minutes]).toEqual([seed, 100, null]);
    }
  });

  it('of a random design are distinct combinations of the grid, the same every time, and a larger design adds to a smaller one', () => {
    const grid = new Set(listSettings(exampleSpec()).map((values) => JSON.stringify(values)));
    const random = (count: number, seed = 3) =>
      listSettings(exampleSpec({ design: { kind: 'random', count, seed } })).map((values) =>
        JSON.stringify(values),
      );
    expect(random(4)).toEqual(random(4));
    expect(random(6).slice(0, 4)).toEqual(random(4));
    expect(new Set(random(99))).toEqual(grid);
    const seeds = [0, 1, 2, 3, 4, 5].map((seed) => random(3, seed).join());
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it('of a random design over a grid too large to list are distinct', () => {
    const log = (path: string) => ({ kind: 'log' as const, path, from: 1e-3, to: 0.5, count: 1000 });
    const spec = exampleSpec({
      axes: [log('optim.learningRate'), log('optim.beta1'), log('optim.beta2')],
      design: { kind: 'random', count: 50 },
    });
    const settings = listSettings(spec);
    expect(new Set(settings.map((values) => JSON.stringify(values))).size).toBe(50);
    expect(listSettings(spec)).toEqual(settings);
  });

  it('vary the parameters of a joint axis together', () => {
    const rows = [
      [32, 2],
      [64, 4],
    ];
    const spec = exampleSpec({ axes: [{ kind: 'joint', paths: ['field.dim', 'field.heads'], rows }] });
    expect(expandSweep(spec).map(({ values }) => Object.values(values))).toEqual(rows);
  });

  it('have names with their values and seed, of at most 120 characters', () => {
    const [first] = expandSweep(exampleSpec({ seeds: [1, 2] }));
    expect(first.name).toBe('rates · learningRate 0.001, dim 32 · seed 1');
    expect(describeValues({ 'optim.seed': 1, 'mask.seed': null })).toBe('optim.seed 1, mask.seed none');
    const long = exampleSpec({
      name: 'n'.repeat(60),
      axes: [{ kind: 'list', path: 'data.source', values: [`folder:/${'m'.repeat(80)}`] }],
    });
    expect(expandSweep(long)[0].name).toHaveLength(120);
  });

  it.each([
    [{ axes: [{ kind: 'list', path: 'optim.speed', values: [1] }] }, 'No parameter "optim.speed"'],
    [
      { axes: [{ kind: 'list', path: 'field.dim', values: [31] }] },
      'dim 31 is no valid configuration: field',
    ],
    [{ axes: [{ kind: 'list', path: 'field.levels', values: [2] }] }, 'levels 2 has no effect'],
    [
      {
        axes: [{ kind: 'range', path: 'data.validationImages', from: 1, to: 999, step: 1 }],
        seeds: [...Array(11).keys()],
      },
      '10989 runs',
    ],
  ] as const)('are refused with the reason: %j', (changes, message) => {
    expect(() => expandSweep(exampleSpec(structuredClone(changes) as never))).toThrow(message);
  });
});

describe('the values of an axis', () => {
  const only = (axis: Parameters<typeof valuesOf>[0]) =>
    valuesOf(axis).map((values) => Object.values(values)[0]);

  it('of a range include its end in spite of rounding', () => {
    expect(only({ kind: 'range', path: 'optim.beta1', from: 0.1, to: 0.9, step: 0.1 })).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    ]);
    expect(only({ kind: 'range', path: 'field.dim', from: 64, to: 16, step: -16 })).toEqual([64, 48, 32, 16]);
  });

  it('of a logarithmic range have equal factors between exact ends, and are whole where the parameter is', () => {
    expect(only({ kind: 'log', path: 'optim.learningRate', from: 1e-4, to: 1e-2, count: 3 })).toEqual([
      1e-4, 1e-3, 1e-2,
    ]);
    expect(only({ kind: 'log', path: 'field.dim', from: 16, to: 128, count: 4 })).toEqual([16, 32, 64, 128]);
    expect(only({ kind: 'log', path: 'field.levels', from: 1, to: 3, count: 9 })).toEqual([1, 2, 3]);
  });
});

describe('a specification', () => {
  it.each([
    [{ halving: { minimum: 10 }, budget: null }, 'halving needs a budget'],
    [{ halving: { minimum: 100 } }, 'a minimum below the budget'],
    [{ halving: { minimum: 2.5 } }, 'a whole number of steps'],
    [{ axes: [{ kind: 'list', path: 'seed', values: [1] }] }, 'seeds are given as'],
    [{ axes: [{ kind: 'list', path: 'train.steps', values: [1] }] }, 'train.steps cannot vary'],
    [
      { axes: [1, 2].map((value) => ({ kind: 'list', path: 'field.dim', values: [value] })) },
      'the same parameter',
    ],
    [{ axes: [{ kind: 'list', path: 'field.dim', values: [8, 8] }] }, 'every value once'],
    [{ axes: [{ kind: 'range', path: 'field.dim', from: 8, to: 4, step: 1 }] }, 'a step that leads'],
    [{ objective: { row: 'mean of samples' } }, 'needs protocol.samples above 1'],
    [{ objective: { metric: 'crps' } }, 'needs row = mean of samples'],
  ])('is refused with the reason: %j', (changes, message) => {
    const result = sweepSpecSchema.safeParse({ ...exampleSpec(), ...changes });
    expect(result.error?.issues.map((issue) => issue.message).join()).toContain(message);
  });
});

describe('the score of a member', () => {
  it('is measured with the masks of the base configuration, unless the protocol names others', () => {
    const spec = exampleSpec();
    const ofBase = evaluationRequestOf({
      ...spec,
      base: { ...spec.base, mask: { ...spec.base.mask, keepRatio: 0.3 } },
    });
    expect(ofBase).toMatchObject({ maskLaw: 'numpy', keepRatio: 0.3, images: 100 });
    const protocol = { maskLaw: 'grid', keepRatio: 0.25 } as const;
    expect(evaluationRequestOf(exampleSpec({ objective: { protocol } }))).toMatchObject(protocol);
  });

  it('is the metric of the chosen row, and an evaluation without that row is refused', () => {
    const row = (method: string, nfe: number, psnr: number) => ({ method, nfe, psnr, distribution: null });
    const rows = [
      row('thin plate', 0, 30),
      row('flow · posterior mean (1 NFE)', 1, 25),
      row('flow · one sample (heun)', 19, 20),
    ];
    const { objective } = exampleSpec();
    const evaluation = { rows } as never;
    expect(scoreEvaluation(evaluation, objective)).toEqual({ score: 25, nfe: 1 });
    expect(scoreEvaluation(evaluation, { ...objective, row: 'one sample' })).toEqual({ score: 20, nfe: 19 });
    expect(() => scoreEvaluation(evaluation, { ...objective, row: 'mean of samples' })).toThrow(
      'no psnr of the mean of samples',
    );
  });
});
