import { describe, expect, it } from 'vitest';
import {
  type AxisInput,
  checkSweep,
  createAxis,
  emptySweepForm,
  nameOf,
  readSweepForm,
  type SweepForm,
} from '../../../renderer/models/sweeps/sweepForm.ts';
import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import { expandSweep } from '../../../shared/sweep/expandSweep.ts';

const config = resolvePreset(tiny);
const rates: AxisInput = {
  ...createAxis(1, 'optim.learningRate', '0.001'),
  parameters: [{ path: 'optim.learningRate', values: '1e-3, 2e-3' }],
};

function check(changes: Partial<SweepForm>, inactive: ReadonlyMap<string, string> = new Map()) {
  return checkSweep({ form: { ...emptySweepForm, ...changes }, config, name: '', inactive });
}

const axis = (changes: Partial<AxisInput>): AxisInput => ({ ...rates, ...changes });
const one = (path: string, values: string) => ({ parameters: [{ path, values }] });

describe('the form of a sweep', () => {
  it('gives the tags of the form to every run', () => {
    const inputs = { form: { ...emptySweepForm, axes: [rates] }, config, name: '', inactive: new Map() };
    expect(checkSweep({ ...inputs, tags: ['thesis'] }).spec?.tags).toEqual(['thesis']);
    expect(checkSweep(inputs).spec?.tags).toEqual([]);
  });

  it('describes lists, ranges, log ranges and parameters that vary together as axes', () => {
    const { spec, faults } = check({
      axes: [
        rates,
        axis({ kind: 'range', ...one('field.dim', ''), from: '16', to: '32', step: '8' }),
        axis({ kind: 'log', ...one('optim.weightDecay', ''), from: '1e-4', to: '1e-2', count: '3' }),
        axis({
          parameters: [
            { path: 'train.batchSize', values: '8, 8' },
            { path: 'mask.law', values: 'counter, block' },
          ],
        }),
      ],
      seeds: '1..2, 7',
    });
    expect(faults).toEqual([]);
    expect(spec?.seeds).toEqual([1, 2, 7]);
    expect(spec?.axes).toEqual([
      { kind: 'list', path: 'optim.learningRate', values: [0.001, 0.002] },
      { kind: 'range', path: 'field.dim', from: 16, to: 32, step: 8 },
      { kind: 'log', path: 'optim.weightDecay', from: 1e-4, to: 0.01, count: 3 },
      {
        kind: 'joint',
        paths: ['train.batchSize', 'mask.law'],
        rows: [
          [8, 'counter'],
          [8, 'block'],
        ],
      },
    ]);
    expect(spec && expandSweep(spec)).toHaveLength(2 * 3 * 3 * 2 * 3);
  });

  it('turns switches, choices and empty numbers into values', () => {
    const { spec } = check({
      axes: [
        axis(one('data.flips', 'off, on')),
        axis(one('train.minutes', 'none, 5')),
        axis(one('sampler.solver', 'heun, euler')),
        axis(one('path.start', 'classical Estimate, noise')),
      ],
    });
    expect(spec?.axes.map((each) => (each.kind === 'list' ? each.values : []))).toEqual([
      [false, true],
      [null, 5],
      ['heun', 'euler'],
      ['classical', 'noise'],
    ]);
  });

  it('separates lists of numbers and texts, which have commas of their own, by semicolons', () => {
    const lists = axis(one('optim.emaMore', '0.9, 0.99; 0.999; none'));
    const { spec, faults } = check({ axes: [lists] });
    expect([faults, spec?.axes]).toEqual([
      [],
      [{ kind: 'list', path: 'optim.emaMore', values: [[0.9, 0.99], [0.999], []] }],
    ]);
    const texts = axis(one('mask.mixture', 'uniform keep=0.8, strokes keep=0.8; uniform keep=0.8'));
    const mixed = checkSweep({
      form: { ...emptySweepForm, axes: [texts] },
      config: { ...config, mask: { ...config.mask, law: 'mixture', mixture: 'uniform keep=0.8' } },
      name: '',
      inactive: new Map(),
    });
    expect([mixed.faults, mixed.spec?.axes]).toEqual([
      [],
      [
        {
          kind: 'list',
          path: 'mask.mixture',
          values: ['uniform keep=0.8, strokes keep=0.8', 'uniform keep=0.8'],
        },
      ],
    ]);
    expect(check({ axes: [axis(one('optim.emaMore', '0.9; 2'))] }).faults[0]?.message).toMatch(/^2: /);
    expect(check({ axes: [axis(one('optim.emaMore', '0.9; 0.9'))] }).faults[0]?.message).toBe(
      '0.9 is there twice.',
    );
  });

  it('reports what is wrong at the field where it was typed', () => {
    const faultsOf = (changes: Partial<SweepForm>, inactive?: ReadonlyMap<string, string>) =>
      check(changes, inactive).faults.map(({ path, message }) => `${path}: ${message}`);
    expect(faultsOf({ axes: [axis(one('optim.learningRate', 'fast, 0.001'))] })).toEqual([
      'axes.0.values.0: fast: “fast” is not a number. Expected a number such as 0.001 or 1e-3.',
    ]);
    expect(faultsOf({ axes: [axis(one('field.dim', '16, 16.5'))] })).toEqual([
      'axes.0.values.0: 16.5: Found 16.5, expected a whole number.',
    ]);
    expect(faultsOf({ axes: [axis(one('field.dim', '16, 16'))] })).toEqual([
      'axes.0.values.0: 16 is there twice.',
    ]);
    expect(faultsOf({ axes: [axis(one('sampler.grid', 'magic'))] })[0]).toBe(
      'axes.0.values.0: magic: Expected Uniform, Cosine, EDM, Shifted.',
    );
    expect(faultsOf({ axes: [axis({ kind: 'log', from: '0', to: '1', count: '1' })] })).toEqual([
      'axes.0.from: Found 0, expected more than 0.',
      'axes.0.from: A logarithmic range begins above 0.',
      'axes.0.count: Expected a whole number from 2 to 1000, found 1.',
    ]);
    expect(faultsOf({ axes: [axis({ kind: 'range', from: '1e-3', to: '2e-3', step: '-1e-3' })] })).toEqual([
      'axes.0.step: Expected a step that leads from 0.001 to 0.002, found -0.001.',
    ]);
    expect(
      faultsOf({ axes: [axis({ parameters: [...rates.parameters, { path: 'field.dim', values: '16' }] })] }),
    ).toEqual(['axes.0.values.1: Expected 2 values, as many as of the first parameter, found 1.']);
    expect(faultsOf({ axes: [rates], seeds: '3..1' })[0]).toMatch(/^seeds: “3..1” is no range/);
    expect(faultsOf({ axes: [rates] }, new Map([['optim.learningRate', 'not now']]))).toEqual([
      'axes.0.path.0: It has no effect here: not now.',
    ]);
    expect(faultsOf({ seeds: '1' })).toEqual(['add: Nothing varies. Add a parameter, or several seeds.']);
    expect(faultsOf({ axes: [rates], isHalving: true })).toEqual([
      'minimum: Halving needs a budget in steps or minutes.',
    ]);
    expect(faultsOf({ axes: [rates], isHalving: true, budget: 'steps', amount: '50' })).toEqual([
      'minimum: Halving needs a minimum below the budget.',
    ]);
    expect(faultsOf({ axes: [rates], metric: 'crps' })[0]).toMatch(/^row: /);
    expect(faultsOf({ axes: [axis(one('train.steps', '10'))], budget: 'steps' })[0]).toMatch(
      /^add: Train.steps/,
    );
  });

  it('waits for the form of the run to be valid', () => {
    const form = { ...emptySweepForm, axes: [rates] };
    expect(checkSweep({ form, config: null, name: '', inactive: new Map() })).toEqual({
      spec: null,
      faults: [],
    });
  });

  it('names a sweep after its parameters unless a name is typed, and survives a reload', () => {
    expect(nameOf({ axes: [rates, axis(one('field.dim', '16'))] })).toBe('learningRate × dim');
    expect(check({ axes: [rates] }).spec?.name).toBe('learningRate');
    const form = { ...emptySweepForm, axes: [rates], isOpen: true };
    expect(readSweepForm(JSON.stringify(form))).toEqual(form);
    expect(readSweepForm('{"isOpen":1}')).toEqual(emptySweepForm);
  });
});
