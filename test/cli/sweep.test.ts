import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSweep, readVaried } from '../../main/cli/sweep/sweepOptions.ts';
import { describeProgress } from '../../main/cli/sweep/sweepSession.ts';
import { createSweep, recordRungScore } from '../../main/store/sweeps.ts';
import { expandSweep } from '../../shared/sweep/expandSweep.ts';
import { exampleLaneProgress } from '../shared/exampleRun.ts';
import { exampleSpec } from '../shared/sweep/exampleSweep.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openExampleSweeps } from '../jobs/exampleSweeps.ts';
import { runLab } from './runLab.ts';

describe('the option --vary', () => {
  it.each([
    ['optim.learningRate=1e-3,2e-3', { kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3] }],
    ['field.kind=unet,local', { kind: 'list', path: 'field.kind', values: ['unet', 'local'] }],
    ['field.dim=16..64:16', { kind: 'range', path: 'field.dim', from: 16, to: 64, step: 16 }],
    ['field.levels=3..1', { kind: 'range', path: 'field.levels', from: 3, to: 1, step: -1 }],
    [
      'optim.learningRate=1e-4..1e-2*5',
      { kind: 'log', path: 'optim.learningRate', from: 1e-4, to: 1e-2, count: 5 },
    ],
    [
      'a.b+c.d=1:x,2:y',
      {
        kind: 'joint',
        paths: ['a.b', 'c.d'],
        rows: [
          [1, 'x'],
          [2, 'y'],
        ],
      },
    ],
  ])('%s is read as an axis', (text, axis) => {
    expect(readVaried([text])).toEqual({ axes: [axis], seeds: [] });
  });

  it('of the seed gives the repeats of every setting', () => {
    expect(readVaried(['seed=1..3'])).toEqual({ axes: [], seeds: [1, 2, 3] });
    expect(readVaried(['seed=7,9']).seeds).toEqual([7, 9]);
  });

  it.each([
    [['optim.learningRate'], 'expected path=values'],
    [['seed=3..1'], 'expected seeds from a smaller to a larger one'],
    [['seed=a'], 'expected whole numbers'],
  ])('%j is refused with what was expected', (texts, message) => {
    expect(() => readVaried(texts)).toThrow(message);
  });
});

describe('a sweep from options or a file', () => {
  it('is the same from both', () => {
    const file = join(makeTemporaryFolder(), 'sweep.json');
    const axes = [{ kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3] }];
    const spec = {
      name: 'rates',
      preset: 'tiny',
      set: { 'field.dim': 32 },
      axes,
      seeds: [1, 2],
      budget: { steps: 90 },
      halving: { minimum: 10, eta: 3 },
    };
    writeFileSync(file, JSON.stringify(spec));
    const values = {
      name: 'rates',
      preset: 'tiny',
      set: ['field.dim=32'],
      vary: ['optim.learningRate=1e-3,2e-3', 'seed=1..2'],
      steps: '90',
      halving: '10:3',
    };
    const fromOptions = readSweep(values, undefined);
    expect(readSweep({}, file)).toEqual(fromOptions);
    expect(expandSweep(fromOptions)).toHaveLength(4);
  });

  it.each([
    [{}, 'Nothing varies.'],
    [{ vary: ['field.dim=8,8'] }, 'expected every value once'],
    [{ vary: ['field.dim=31'], preset: 'tiny' }, 'dim 31 is no valid configuration'],
    [{ vary: ['seed=1,2'], halving: '10' }, 'halving needs a budget'],
    [{ vary: ['seed=1,2'], halving: 'x' }, 'expected MIN or MIN:ETA'],
    [{ vary: ['seed=1,2'], steps: '9', minutes: '1' }, 'exclude each other'],
  ])('%j is refused with the reason', (values, message) => {
    expect(() => readSweep(values, undefined)).toThrow(message);
  });
});

describe('lab sweep', () => {
  it('plans, lists, shows, pauses and deletes sweeps without computing anything', async () => {
    const store = openExampleStore();
    const { dataFolder } = store;
    const sweep = createSweep(store.db, exampleSpec({ seeds: [1, 2] }));
    for (const [member, score] of [20, 21, 22, 23, 24, 25, 20.5, 21.5, 22.5, 23.5, 24.5, 25.5].entries())
      recordRungScore(store.db, sweep.id, { member, rung: 0, runId: 'abcdefgh', step: 100, score, nfe: 1 });
    const plan = await runLab(
      'sweep',
      '--preset',
      'tiny',
      '--vary',
      'optim.learningRate=1e-3,2e-3',
      '--vary',
      'seed=1..2',
      '--steps',
      '50',
      '--dry-run',
      '--data-dir',
      dataFolder,
    );
    expect([plan.code, plan.stdout]).toEqual([
      0,
      expect.stringContaining('4 runs: 2 settings, 2 seeds each, 1 at a time.') as string,
    ]);
    const absent = join(dataFolder, 'absent');
    const inNew = await runLab('sweep', '--vary', 'seed=1..2', '--dry-run', '--data-dir', absent);
    expect([inNew.code, existsSync(absent)]).toEqual([0, false]);
    const list = await runLab('sweep', 'list', '--data-dir', dataFolder);
    expect(list.stdout).toMatch(/rates +idle +12 of 12/);
    const show = await runLab('sweep', 'show', 'latest', '--data-dir', dataFolder);
    expect(show.stdout).toContain('Best so far: learningRate 0.004, dim 64, with 25.25 ± 3.18 dB.');
    expect(show.stdout).toMatch(/learningRate: \d+ % of the variance/);
    const paused = await runLab('sweep', 'pause', sweep.id, '--data-dir', dataFolder);
    expect(paused.stdout).toContain('No process computes "rates"; it is paused.');
    await runLab('sweep', 'delete', 'rates', '--data-dir', dataFolder);
    const missing = await runLab('sweep', 'show', 'rates', '--data-dir', dataFolder);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('No sweep "rates" found.') as string,
    ]);
    expect((await runLab('sweep', 'show', '--data-dir', dataFolder)).code).toBe(2);
  });

  it('exports a sweep as one file that another data folder imports, and as a folder with a table', async () => {
    const { sweeps, create, idle, store } = openExampleSweeps();
    const id = create({
      axes: [{ kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3] }],
      seeds: [1],
    });
    sweeps.start(id);
    await idle();
    const [out, other] = [makeTemporaryFolder(), makeTemporaryFolder()];
    const file = join(out, 'rates of 1.sparsefield');
    const here = ['--data-dir', store.dataFolder];
    const exported = await runLab('sweep', 'export', 'rates', '--out', file, ...here);
    expect(exported.stdout).toMatch(
      /with 2 runs\. Import it with: lab sweep import '.*rates of 1\.sparsefield'$/m,
    );
    const there = ['--data-dir', join(other, 'data')];
    const imported = await runLab('sweep', 'import', file, ...there);
    expect(imported.stdout).toBe(
      `Imported the sweep “rates” with 2 runs.\nShow it with: lab sweep show ${id}\n`,
    );
    const again = await runLab('import', file, '--json', ...there);
    expect(again.lines()).toMatchObject([{ sweeps: [{ id, wasHere: true, imported: 0, present: 2 }] }]);
    const [before, after] = await Promise.all(
      [here, there].map(async (place) => (await runLab('sweep', 'show', id, ...place)).stdout),
    );
    expect(after).toBe(before);
    expect(after).toContain('Best so far: learningRate 0.002, with 2.00 dB.');

    expect(await runLab('sweep', 'export', 'rates', '--out', join(out, 'folder'), ...there)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(out, 'folder', 'results.csv'), 'utf8').split('\r\n')).toEqual([
      'run,optim.learningRate,seed,id,state,step,seconds,psnr,nfe',
      expect.stringMatching(/^1,0\.001,1,\w{8},done,100,[\d.]+,1\.00,1$/),
      expect.stringMatching(/^2,0\.002,1,\w{8},done,100,[\d.]+,2\.00,1$/),
      '',
    ]);
    expect(readdirSync(join(out, 'folder', 'runs'))).toHaveLength(2);
    const damaged = await runLab('sweep', 'import', join(out, 'folder', 'sweep.json'), ...there);
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining('sweep.json') as string]);
    expect((await runLab('sweep', 'export', 'rates', ...here)).stderr).toContain(
      '--out FOLDER, or --out NAME',
    );
  });

  it('shows how many runs are done and what the active ones do in one line', () => {
    const counts = {
      planned: 1,
      active: 1,
      waiting: 1,
      'stopped early': 0,
      done: 2,
      paused: 0,
      diverged: 0,
      failed: 1,
    };
    const job = { kind: 'training', runId: 'abcdefgh', name: 'rates · learningRate 0.001' } as const;
    expect(describeProgress({ active: [exampleLaneProgress({ job })] }, counts)).toBe(
      '3 of 6 done · 1 at a rung · learningRate 0.001: training, 50 %',
    );
  });
});
