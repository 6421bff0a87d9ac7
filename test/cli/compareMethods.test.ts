/** Two presets on the same budget, through the command. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMethods } from '../../main/cli/commands/compareMethods.ts';
import { evaluationSchema } from '../../shared/metric.ts';
import { presets } from '../../shared/config/presets.ts';
import { writeImages } from '../jobs/smallRun.ts';
import { runLab } from './runLab.ts';

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

const compare = (...words: readonly string[]) =>
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
    ...words,
  );

describe('lab compare-methods', () => {
  it('trains every method, scores all with one protocol and writes the tables', async () => {
    const out = join(folder, 'out');
    const { code, stdout, stderr } = await compare('--methods', 'flow,small', '--out', out);
    expect([code, stderr]).toEqual([0, expect.stringContaining('flow: training run')]);
    expect(stdout).toMatch(
      /\nMethod +Objective +Sampler +NFE[^]*\nflow +image, straight path +heun 2[^]*\nsmall +image/,
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
    const { code, stderr, lines } = await compare('--methods', 'flow', '--resume', '--json');
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/flow: run \w{8} "compare flow" has already finished training/),
    ]);
    expect(lines().at(-1)).toMatchObject({ event: 'done', methods: [{ name: 'flow', preset: 'tiny' }] });
  });

  it('refuses an unknown method', async () => {
    expect(await compare('--methods', 'flow,magic')).toMatchObject({
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
