/** One small run from training to report, through the commands. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { evaluationSchema } from '../../shared/metric.ts';
import { smallOptions, smallRunSteps, writeImages } from '../jobs/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { backend, describeNative } from '../support/backend.ts';
import { type LabResult, runLab } from './runLab.ts';

let folder: string;
let source: string;
let trained: LabResult;

const lab = (...args: readonly string[]) => runLab(...args, '--data-dir', folder);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  source = await writeImages(join(folder, 'pictures'));
  trained = await lab('train', '--name', 'small', ...smallOptions(source), '--json');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const classical = ['mean', 'nearest', 'linear', 'Telea', 'biharmonic', 'thin plate', 'tension spline'];
const rowKeys = [
  'method',
  'nfe',
  'samples',
  'psnr',
  'ssim',
  'ssimGaussian',
  'psnrUnobserved',
  'mse',
  'mae',
  'exactImages',
  'exactUnobserved',
  'seconds',
  'psnrInterval',
  'ssimInterval',
  'rmseObserved',
  'spectrumError',
  'distribution',
  'solver',
  'solverSteps',
  'parameters',
  'imagesSeen',
  'perImage',
  'sampling',
];

describe('lab train --json', () => {
  it('prints one event per line, from created to done', () => {
    expect(trained.code).toBe(0);
    const events = trained.lines();
    const kinds = events.map(({ event }) => event);
    expect([kinds[0], kinds.at(-1)]).toEqual(['created', 'done']);
    const steps = events.filter(({ event }) => event === 'step').map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    const evaluated = events.filter(({ event }) => event === 'evaluation').map(({ step }) => step);
    expect(evaluated).toEqual(smallRunSteps.evaluated);
    expect(events.at(-1)).toMatchObject({
      run: { name: 'small', status: 'finished', step: 12, error: null },
    });
    expect(kinds).not.toContain('preview');
  });

  it('describes its progress on stderr', () => {
    expect(trained.stderr).toMatch(/Computing with (TensorFlow|WASM) [\d.]+ on the [CG]PU/);
    expect(trained.stderr).toMatch(/Starting: \d+ images of 16×16 from folder:.*, [\d,]+ parameters/);
    expect(trained.stderr).toMatch(/step 12: [\d.]+ dB, SSIM/);
  });

  it('creates no run if the images cannot be read', async () => {
    mkdirSync(join(folder, 'empty'));
    const args = [...smallOptions(source), '--data', `folder:${join(folder, 'empty')}`];
    const { code, stdout, stderr } = await lab('train', '--name', 'without images', ...args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/has no readable PNG, JPEG or WebP image/);
    expect((await lab('show', 'without images')).stderr).toContain('without images');
    expect((await lab('runs')).stdout).not.toContain('without images');
  });
});

describe('lab evaluate --json', () => {
  it('prints one object with classical rows, flow rows and the protocol', async () => {
    const { code, lines } = await lab('evaluate', 'small', '--samples', '2', '--steps', '3', '--json');
    expect(code).toBe(0);
    const [found, ...more] = lines();
    expect(more).toEqual([]);
    const { run, step, ...evaluation } = found;
    expect([typeof run, step]).toEqual(['string', 12]);
    const { protocol, rows } = evaluationSchema.parse(evaluation);
    expect(protocol).toMatchObject({
      source,
      split: 'test',
      imageSize: 16,
      maskSeed: 42,
      observedPixels: 51,
    });
    expect(protocol).toMatchObject({ maskLaw: 'numpy', pasted: true, keepRatio: 0.2 });
    for (const row of rows) expect(Object.keys(row).sort()).toEqual([...rowKeys].sort());
    const flow = ['flow · posterior mean', 'flow · one sample (heun)', 'flow · mean of 2 samples'];
    expect(rows.map(({ method }) => method)).toEqual([...classical, ...flow]);
    expect(rows.slice(-3).map(({ nfe, samples }) => [nfe, samples])).toEqual([
      [1, 1],
      [5, 1],
      [5, 2],
    ]);
  });

  it('stores the evaluation with the run and shows it', async () => {
    const [{ evaluations }] = (await lab('show', 'small', '--json')).lines();
    expect(evaluations).toHaveLength(1);
    const { stdout } = await lab('show', 'small');
    expect(stdout).toMatch(/Newest evaluation, at step 12:[^]*thin plate[^]*flow · posterior mean/);
    expect(stdout).toMatch(/Checkpoints: .*12/);
  });

  it('measures several masks, each with its own protocol, and summarises them', async () => {
    const args = ['--mask-seeds', '1,2', '--keep-ratios', '0.5', '--images', '2'];
    const [{ evaluations, summary }] = (await lab('evaluate', 'small', ...args, '--json')).lines();
    const protocols = evaluationSchema
      .array()
      .parse(evaluations)
      .map(({ protocol }) => protocol);
    expect(protocols.map(({ maskSeed, keepRatio }) => [maskSeed, keepRatio])).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
    expect(summary).toMatchObject({ keepRatios: [0.5], maskSeeds: [1, 2] });
  });

  it('measures a curve over solver steps and writes it next to the tables', async () => {
    const out = join(folder, 'curve');
    const args = ['--curve', '1,3', '--solvers', 'euler', '--samples', '2', '--images', '2', '--out', out];
    const { code, stdout } = await lab('evaluate', 'small', ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nsolver +steps +NFE +samples[^]*\neuler +1 +1 +2 [^]*\neuler +3 +3 +2 /);
    const points = JSON.parse(readFileSync(join(out, 'curve.json'), 'utf8')) as {
      nfe: number;
      crps: number;
    }[];
    expect(points.map(({ nfe }) => nfe)).toEqual([1, 3]);
    expect(points.every(({ crps }) => crps > 0)).toBe(true);
    expect(readFileSync(join(out, 'curve.csv'), 'utf8').split('\r\n')).toHaveLength(4);
    expect(readFileSync(join(out, 'comparison.md'), 'utf8')).toContain('## Distribution');
    expect((await lab('evaluate', 'small', '--curve', '1', '--mask-seeds', '1,2')).stderr).toContain(
      'one mask seed',
    );
  });

  it('reports what is wrong with the data', async () => {
    const { code, stderr } = await lab('evaluate', 'small', '--data', `folder:${join(folder, 'empty')}`);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/lab: .*empty has no readable PNG/)]);
  });
});

describe('lab reconstruct', () => {
  it('writes the figure, the table and the numbers', async () => {
    const out = join(folder, 'deep', 'report');
    const { code, lines } = await lab('reconstruct', 'small', '--index', '0', '--out', out, '--json');
    expect(code).toBe(0);
    const [{ files }] = lines();
    expect(files).toEqual({
      figure: join(out, 'figure.png'),
      markdown: join(out, 'comparison.md'),
      json: join(out, 'comparison.json'),
    });
    const { format, width } = await sharp(join(out, 'figure.png')).metadata();
    expect([format, (width ?? 0) > 100]).toEqual(['png', true]);
    expect(statSync(join(out, 'comparison.md')).size).toBeGreaterThan(300);
    const numbers = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')) as unknown;
    expect(evaluationSchema.parse(numbers).protocol.images).toBe(1);
  });

  it('reports the number of images if an index is out of range', async () => {
    const { code, stderr } = await lab('reconstruct', 'small', '--index', '99', '--out', join(folder, 'no'));
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/Image 99, counted from 0, was requested, .* has 1 image /),
    ]);
    expect(() => statSync(join(folder, 'no'))).toThrow(/ENOENT/);
  });
});

describe('lab resume', () => {
  it('refuses a finished run without a larger budget and continues it with one', async () => {
    expect((await lab('resume', 'small')).stderr).toMatch(
      /is finished: there is nothing to resume\. .*--steps N/,
    );
    expect((await lab('resume', 'small', '--steps', '12')).stderr).toMatch(/has trained 12 steps/);
    const { code, stdout, stderr } = await lab('resume', 'small', '--steps', '13');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/is finished: 13 steps.*\nCompare it with: lab evaluate/),
    ]);
    expect(stderr).toContain('Continuing from step 12');
  });
});

describe('lab baselines --json', () => {
  it('prints the classical rows and the protocol and nothing else on stdout', async () => {
    const args = ['--data', source, '--size', '16', '--keep', '0.5', '--mask-seed', '7'];
    const { code, lines } = await runLab('baselines', ...args, '--mask-law', 'counter', '--json');
    expect(code).toBe(0);
    const [found, ...more] = lines();
    expect(more).toEqual([]);
    const { protocol, rows } = evaluationSchema.parse(found);
    expect(rows.map(({ method }) => method)).toEqual(classical);
    expect(rows.map(({ nfe, samples }) => nfe + samples)).toEqual(classical.map(() => 0));
    expect(protocol).toMatchObject({ source, observedPixels: 128, maskLaw: 'counter', maskSeed: 7 });
  });

  it('scores the requested number of images, or all if there are fewer', async () => {
    const imagesOf = async (...args: string[]) => {
      const { lines } = await runLab('baselines', '--data', source, '--size', '11', ...args, '--json');
      return evaluationSchema.parse(lines()[0]).protocol.images;
    };
    expect(await imagesOf('--split', 'train', '--images', '3')).toBe(3);
    const all = [await imagesOf('--split', 'train'), await imagesOf('--split', 'test')];
    expect(all[0] + all[1]).toBe(12);
  });
});

describe('lab evaluate --ema --symmetries', () => {
  it('uses other weights and the self-ensemble on request and names the rows after them', async () => {
    const args = ['--images', '1', '--steps', '2', '--ema', 'off', '--symmetries', '2'];
    const { lines } = await lab('evaluate', 'small', ...args, '--json');
    const { rows } = evaluationSchema.pick({ rows: true }).parse({ rows: lines()[0].rows });
    expect(rows.slice(-2).map(({ method }) => method)).toEqual([
      'flow (not averaged) · posterior mean (mirrored)',
      'flow (not averaged) · one sample (heun)',
    ]);
    const unknown = await lab('evaluate', 'small', '--ema', '0.5');
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('keeps no average of decay 0.5'),
    ]);
    const refused = await lab('evaluate', 'small', '--symmetries', '3', '--ema', '0.9');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('expected 1, 2 or 8')]);
  });
});

afterEach(() => vi.unstubAllEnvs());

async function trainTwoSteps() {
  const folder = makeTemporaryFolder();
  const source = await writeImages(join(folder, 'pictures'));
  const args = [...smallOptions(source), '--steps', '2', '--data-dir', folder];
  const trained = await runLab('train', ...args, '--json');
  expect(trained.code).toBe(0);
  const reported = trained.lines().filter(({ event }) => event === 'execution');
  return { trained, reported, shown: await runLab('show', 'latest', '--data-dir', folder) };
}

describeNative('training on native TensorFlow', () => {
  it('runs as one graph, as its JSON lines and lab show report', async () => {
    const { trained, reported, shown } = await trainTwoSteps();
    expect(reported).toEqual([{ event: 'execution', what: 'training step', kind: 'compiled', reason: null }]);
    expect(trained.lines().at(-1)).toMatchObject({ run: { backend: { execution: 'compiled' } } });
    expect(trained.stderr).not.toContain('operation by operation');
    expect(shown.stdout).toContain(`TensorFlow ${backend.version} on the ${backend.device}, as one graph`);
  });

  it('runs operation by operation on request and gives the reason on stderr', async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', 'eager');
    const { trained, reported, shown } = await trainTwoSteps();
    const reason = 'SPARSE_FIELD_LAB_EXECUTION is eager';
    expect(reported).toEqual([{ event: 'execution', what: 'training step', kind: 'eager', reason }]);
    expect(trained.stderr).toContain(`Running operation by operation: ${reason}`);
    expect(shown.stdout).toContain(`on the ${backend.device}, operation by operation`);
  });
});

describe('training on WASM', () => {
  it('runs operation by operation and gives the reason on stderr', async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_BACKEND', 'wasm');
    const { trained, reported, shown } = await trainTwoSteps();
    const reason = 'graphs need native TensorFlow';
    expect(reported).toEqual([{ event: 'execution', what: 'training step', kind: 'eager', reason }]);
    expect(trained.stderr).toContain(`Running operation by operation: ${reason}`);
    expect(shown.stdout).toContain('on the CPU, operation by operation');
  });
});
