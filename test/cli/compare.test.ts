import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMethods } from '../../main/cli/commands/compareMethods.ts';
import { presets } from '../../shared/config/presets.ts';
import { evaluationSchema } from '../../shared/metric.ts';
import { writeImages } from '../jobs/smallRun.ts';
import { insertEvaluatedRun } from '../reports/exampleReport.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { runLab } from './runLab.ts';

function openWithRuns() {
  const store = openExampleStore();
  ['flow', 'score'].forEach((name, index) => insertEvaluatedRun(store, { name, gain: 1 - index }));
  const compare = (...args: readonly string[]) => runLab('compare', ...args, '--data-dir', store.dataFolder);
  return { store, compare, folder: store.dataFolder };
}

describe('lab compare', () => {
  it('prints the table with paired differences and the verdict', async () => {
    const { code, stdout } = await openWithRuns().compare('flow', 'score');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nflow · posterior mean +1 +1 +22\.50\*/);
    expect(stdout).toMatch(
      /\nscore · posterior mean +flow · posterior mean +−1\.00 dB +\[−1\.00, −1\.00\] +0 +0 +4 /,
    );
    expect(stdout).toContain('“flow” is better than “score” by 1.00 dB PSNR');
  });

  it('writes the report and prints the same results as JSON', async () => {
    const { compare, folder } = openWithRuns();
    const out = join(folder, 'report');
    const { code, lines } = await compare('flow', 'score', '--out', out, '--title', 'Mine', '--json');
    const [result] = lines();
    expect(code).toBe(0);
    expect(result).toMatchObject({
      runs: [{ name: 'flow' }, { name: 'score' }],
      pairs: [{ wins: 0, losses: 4 }],
      notes: [],
    });
    expect(readdirSync(out)).toEqual(
      expect.arrayContaining([
        'report.html',
        'comparison.csv',
        'comparison.md',
        'comparison.tex',
        'numbers.json',
        'chart-results.svg',
      ]),
    );
  });

  it('saves a comparison, takes its name for its runs, and lists it with the reports', async () => {
    const { compare, folder } = openWithRuns();
    expect((await compare('--list')).stdout).toMatch(/No comparison is saved[^]*No report was written/);
    expect((await compare('score', 'flow', '--save', 'objectives')).stdout).toContain(
      'Saved as "objectives"',
    );
    const out = join(folder, 'report');
    const { code, lines } = await compare('objectives', '--out', out, '--title', 'Mine', '--json');
    expect([code, lines()[0]]).toMatchObject([0, { runs: [{ name: 'score' }, { name: 'flow' }] }]);
    expect((await compare('--list')).stdout).toMatch(/objectives +score, flow\n[^]*report +Mine/);
    rmSync(out, { recursive: true });
    expect((await compare('--list')).stdout).toContain(`${out} (no longer there)`);
    expect(await compare('flow', 'score', '--save', 'objectives')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already called “objectives”'),
    });
  });

  it('writes chosen sections with an introduction, and everything as one archive', async () => {
    const { compare, folder } = openWithRuns();
    const out = join(folder, 'report');
    const options = ['--sections', 'question, results', '--introduction', 'About width.', '--zip'];
    expect((await compare('flow', 'score', '--out', out, ...options)).stdout).toContain(
      `Archive: ${out}.zip`,
    );
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('About width.');
    expect(page).not.toContain('id="provenance"');
    expect(readFileSync(`${out}.zip`).toString('latin1')).toContain('report/report.html');
    expect(await compare('flow', 'score', '--sections', 'results')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--sections needs a report'),
    });
    expect(await compare('flow', 'score', '--out', out, '--sections', 'magic')).toMatchObject({ code: 2 });
  });

  it('is written to a folder and listed by lab report, which takes the same options', async () => {
    const { compare, store, folder } = openWithRuns();
    const report = (...args: readonly string[]) => runLab('report', ...args, '--data-dir', store.dataFolder);
    expect((await report()).stdout).toContain(
      'No report was written. Write one with: lab report <run> <run>',
    );
    await compare('flow', 'score', '--save', 'objectives');
    const out = join(folder, 'report');
    const { code, stdout } = await report(
      'objectives',
      '--out',
      out,
      '--sections',
      'results',
      '--title',
      'Mine',
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Report: ${out}`)]);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).not.toContain('id="provenance"');
    expect((await report()).stdout).toMatch(/objectives +flow, score\n[^]*report +Mine/);
    expect(await report('flow')).toMatchObject({ code: 2 });
  });

  it('compares groups with their seeds as repeats, and writes them to the report, tables and JSON', async () => {
    const { store, compare, folder } = openWithRuns();
    const gains = { '0.001': [1, 2, 3], '0.002': [3.2, 3.8, 5] };
    for (const [rate, own] of Object.entries(gains))
      for (const [seed, gain] of own.entries())
        insertEvaluatedRun(store, {
          name: `${rate} seed ${seed}`,
          gain,
          config: { seed, optim: { learningRate: Number(rate) } },
        });
    const names = Object.keys(gains).flatMap((rate) => [0, 1, 2].map((seed) => `${rate} seed ${seed}`));
    const { code, stdout } = await compare(...names, '--group-by', 'setting');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nlearningRate 0\.001 +3 +3 +1 +23\.50 ± 2\.48 +\[/);
    expect(stdout).toMatch(
      /\nlearningRate 0\.002 +learningRate 0\.001 +\+2\.00 dB +\[\+1\.50, \+2\.50\] +0\.003 +0\.003 +paired by seed/,
    );
    expect(stdout).toContain('over 3 and 3 seeds, paired by seed)');

    const out = join(folder, 'report');
    const { lines } = await compare(...names, '--group-by', 'optim.learningRate', '--out', out, '--json');
    const groups = [
      { name: 'learningRate 0.001', seeds: [0, 1, 2] },
      { name: 'learningRate 0.002', seeds: [0, 1, 2] },
    ];
    expect(lines()[0]).toMatchObject({
      groups,
      differences: [{ metric: 'psnr', method: 'paired by seed' }, {}],
    });
    expect(JSON.parse(readFileSync(join(out, 'numbers.json'), 'utf8'))).toMatchObject({ groups });
    expect(readFileSync(join(out, 'groups.csv'), 'utf8')).toContain('PSNR dB 95 % over seeds low');
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('Group against group');
    expect(page).toContain('PSNR while training, mean over seeds');
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['groups.md', 'groups.tex', 'chart-groups.svg']));

    const one = await compare(...names.slice(0, 3), '--group-by', 'setting');
    expect(one).toMatchObject({ code: 2, stderr: expect.stringContaining('All runs are in one group') });
  });

  it('saves groups with what they are grouped by, and compares them again in the same groups by their name', async () => {
    const { store, compare } = openWithRuns();
    const names = ['one', 'two', 'three'];
    names.forEach((name, seed) =>
      insertEvaluatedRun(store, {
        name,
        gain: seed,
        config: { seed, optim: { learningRate: seed < 2 ? 0.001 : 0.002 } },
      }),
    );
    const first = await compare(...names, '--group-by', 'setting', '--save', 'settings');
    expect(first).toMatchObject({ code: 0 });
    expect((await compare('--list')).stdout).toMatch(/settings +3 runs by setting/);
    const second = await compare('settings');
    expect([second.code, second.stdout.trim()]).toEqual([0, first.stdout.split('\nSaved as')[0].trim()]);
  });

  it('explains how to evaluate runs without an evaluation, and refuses invalid arguments', async () => {
    const { store, compare } = openWithRuns();
    ['one', 'two'].forEach((name) => insertExampleRun(store, name));
    expect((await compare('one', 'two')).stdout).toContain('lab evaluate <run>');
    expect(await compare('flow', 'flow')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('each run once'),
    });
    expect(await compare('flow', 'score', '--pdf')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out'),
    });
    expect(await compare('flow')).toMatchObject({ code: 2 });
  });
});

let folder: string;
let source: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  source = await writeImages(join(folder, 'pictures'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network so small that a budget of one second is many steps. */
const sets = [
  'data.imageSize=16',
  'data.validationImages=2',
  'train.batchSize=4',
  'train.evaluateEverySteps=0',
  'train.previewEverySteps=0',
  'field.latents=4',
  'field.dim=16',
  'field.fourierFeatures=4',
  'field.heads=2',
  'field.blocks=1',
  'field.readBlocks=1',
  'sampler.steps=2',
].flatMap((assignment) => ['--set', assignment]);

const compareMethods = (...args: readonly string[]) =>
  runLab(
    'compare-methods',
    '--data',
    source,
    '--budget',
    '0.02',
    '--images',
    '2',
    '--samples',
    '2',
    '--data-dir',
    folder,
    ...sets,
    ...args,
  );

describe('lab compare-methods', () => {
  it('trains every method, scores all with one protocol and writes the tables', async () => {
    const out = join(folder, 'out');
    const { code, stdout, stderr } = await compareMethods('--methods', 'flow,small', '--out', out);
    expect([code, stderr]).toEqual([0, expect.stringContaining('flow: training run')]);
    expect(stdout).toMatch(
      /\nMethod +Objective +Sampler +NFE[^]*\nflow +image, straight path +Heun 2[^]*\nsmall +image/,
    );
    const [evaluation] = evaluationSchema
      .array()
      .parse(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')));
    const methods = evaluation.rows.map(({ method }) => method);
    expect(methods.filter((method) => method === 'thin plate')).toHaveLength(1);
    expect(methods.slice(-6)).toEqual(
      ['flow', 'small'].flatMap((name) => [
        `${name} · posterior mean`,
        `${name} · one sample (heun)`,
        `${name} · mean of 2 samples`,
      ]),
    );
    expect(readFileSync(join(out, 'methods.md'), 'utf8')).toMatch(/^\| Method \|[^]*\n\| small \|/);
  });

  it('skips the training of finished runs with --resume', async () => {
    const { code, stderr, lines } = await compareMethods('--methods', 'flow', '--resume', '--json');
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/flow: run \w{8} "compare flow" has already finished training/),
    ]);
    expect(lines().at(-1)).toMatchObject({ event: 'done', methods: [{ name: 'flow', preset: 'tiny' }] });
  });

  it('refuses an unknown method', async () => {
    expect(await compareMethods('--methods', 'flow,magic')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No preset "magic"'),
    });
  });
});

describe('readMethods', () => {
  it('leaves out default methods without a preset and notes it', () => {
    const notes: string[] = [];
    const methods = readMethods({ budget: '7' }, { note: (text) => notes.push(text) });
    const missing = ['denoiser', 'score'].filter((name) => !presets.some((preset) => preset.name === name));
    expect(notes).toEqual(
      missing.map((name) =>
        expect.stringContaining(`Method ${name} is left out: this version has no preset`),
      ),
    );
    expect(methods.map(({ name }) => name)).toEqual(
      ['flow', 'denoiser', 'score'].filter((name) => !missing.includes(name)),
    );
    expect(methods.every(({ config }) => config.train.minutes === 7)).toBe(true);
  });
});
