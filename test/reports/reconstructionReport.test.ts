import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReconstructionReport } from '../../main/reports/reconstructionReport.ts';
import { comparisonMarkdown } from '../../shared/comparison/comparisonTables.ts';
import { describeSource, sourceWithoutFolders } from '../../shared/dataset.ts';
import { observe } from '../../shared/images/image.ts';
import { exampleEvaluation, exampleRow } from './exampleEvaluation.ts';

const truth = { height: 4, width: 4, values: new Float32Array(48).fill(0.5) };
const input = observe(truth, Int32Array.of(3, 7));
const figure = {
  rows: [{ truth, input, results: [{ label: 'mean', image: truth, psnr: 20 }] }],
  title: 'Title',
};
let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe('writeReconstructionReport', () => {
  it('writes the table, the numbers and the figure into a folder that it creates', async () => {
    const folder = join(parent, 'new', 'report');
    const files = await writeReconstructionReport({ folder, evaluation: exampleEvaluation, figure });
    expect(readdirSync(folder).sort()).toEqual(['comparison.json', 'comparison.md', 'figure.png']);
    expect(JSON.parse(readFileSync(files.json, 'utf8'))).toEqual(exampleEvaluation);
    expect(readFileSync(files.markdown, 'utf8')).toContain(comparisonMarkdown(exampleEvaluation));
    expect(readFileSync(files.markdown, 'utf8')).toContain('(figure.png)');
    expect((await sharp(files.figure).metadata()).format).toBe('png');
  });

  it('names the data without folders of this machine', async () => {
    const source = 'folder:/home/someone/birds';
    const evaluation = { ...exampleEvaluation, protocol: { ...exampleEvaluation.protocol, source } };
    const files = await writeReconstructionReport({ folder: parent, evaluation, figure });
    for (const file of [files.json, files.markdown]) {
      expect(readFileSync(file, 'utf8')).toContain('birds');
      expect(readFileSync(file, 'utf8')).not.toContain('someone');
    }
  });

  it('replaces an earlier report and leaves other files alone', async () => {
    writeFileSync(join(parent, 'comparison.md'), 'old');
    writeFileSync(join(parent, 'notes.txt'), 'mine');
    await writeReconstructionReport({ folder: parent, evaluation: exampleEvaluation, figure });
    expect(readFileSync(join(parent, 'comparison.md'), 'utf8')).toContain('# Comparison');
    expect(readFileSync(join(parent, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('writes nothing if a number is NaN or the figure cannot be drawn', async () => {
    const folder = join(parent, 'report');
    const evaluation = { ...exampleEvaluation, rows: [exampleRow({ psnr: NaN })] };
    await expect(writeReconstructionReport({ folder, evaluation, figure })).rejects.toThrow('rows.0.psnr');
    const empty = { ...figure, rows: [] };
    await expect(
      writeReconstructionReport({ folder, evaluation: exampleEvaluation, figure: empty }),
    ).rejects.toThrow('A figure without rows');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('leaves no temporary file if a file cannot be replaced', async () => {
    mkdirSync(join(parent, 'comparison.md'));
    const report = writeReconstructionReport({ folder: parent, evaluation: exampleEvaluation, figure });
    await expect(report).rejects.toThrow();
    expect(readdirSync(parent).sort()).toEqual(['comparison.md', 'figure.png']);
  });
});

describe('the data source in reports', () => {
  it.each([
    ['elsewhere:birds', 'folder:birds', 'birds'],
    ['folder:/home/me/birds', 'folder:birds', 'birds'],
    ['cifar10:/data/cifar', 'cifar10:cifar', 'CIFAR-10 (cifar)'],
    ['synthetic:7', 'synthetic:7', 'synthetic images, seed 7'],
    ['shapes', 'shapes', 'shapes and letters'],
    ['cifar10', 'cifar10', 'CIFAR-10'],
    ['lsun:/data/rooms', 'lsun:rooms', 'lsun (rooms)'],
  ])('is %s, with the option --data %s and the description %s', (source, option, description) => {
    expect([sourceWithoutFolders(source), describeSource(source)]).toEqual([option, description]);
  });
});
