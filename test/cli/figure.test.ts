import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createEvaluationRecorder } from '../../main/jobs/evaluationJob.ts';
import { keepStudy } from '../../main/jobs/studyJob.ts';
import type { Store } from '../../main/store/store.ts';
import { commitCheckpoint } from '../../main/store/runs/recording.ts';
import { writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { exampleRow } from '../reports/exampleEvaluation.ts';
import { insertEvaluatedRun } from '../reports/exampleReport.ts';
import { examplePerImage, exampleProtocol } from '../shared/comparison/exampleComparedRun.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { exampleCheckpoint } from '../store/files/exampleCheckpoint.ts';
import { exampleStudiedRun, exampleStudyImage } from '../support/exampleStudy.ts';
import { runLab } from './runLab.ts';

/** A run “flow” with a checkpoint of step 5 and a study of its weights. */
function openStudied() {
  const store = openExampleStore();
  const { id } = insertExampleRun(store, 'flow');
  const checkpoint = writeCheckpoint(store.runFolder(id), exampleCheckpoint(5));
  commitCheckpoint(store, { runId: id, ...checkpoint, isBest: false, metrics: [] });
  keepStudy(store, id, exampleStudiedRun(5));
  const file = (name: string) => join(store.dataFolder, name);
  const figure = (...args: readonly string[]) => runLab('figure', ...args, '--data-dir', store.dataFolder);
  return { store, id, file, figure };
}

function studyWithout(...names: readonly ('attention' | 'sensitivity')[]) {
  const study = exampleStudiedRun(5);
  const none = Object.fromEntries(names.map((name) => [name, new Float32Array()]));
  return {
    ...study,
    ...Object.fromEntries(names.map((name) => [`${name}Times`, []])),
    images: study.images.map((image) => ({ ...image, arrays: { ...image.arrays, ...none } })),
  };
}

/** Stores an evaluation of two images of 2 × 2 pixels, with the sheets that a grid is cut from. */
async function storeImages(store: Store, runId: string) {
  const failed = (error: unknown) => {
    throw error;
  };
  const recorder = createEvaluationRecorder(store, { runId, step: 5 }, failed);
  const own = 'flow · posterior mean';
  for (const name of ['truth', 'known', 'thin plate', own]) {
    const rows = { height: 2, width: 4, pixels: new Uint8Array(24).fill(90) };
    recorder.observe({ type: 'sheet', name, images: 2, columns: 2, rows });
  }
  const perImage = examplePerImage([20, 21]);
  const rows = [
    exampleRow({ method: 'thin plate', psnr: 20.5, perImage }),
    exampleRow({ method: own, psnr: 20.5, perImage, nfe: 1, samples: 1, solver: 'ddim', solverSteps: 1 }),
  ];
  await recorder.keep({ protocol: { ...exampleProtocol, images: 2 }, rows });
}

describe('lab figure', () => {
  it('writes the numbers of the stored study without computing it again', async () => {
    const { figure, file, id } = openStudied();
    const out = file('pixel.csv');
    const options = ['--test-image', '10', '--pixel', '2,1'];
    const { code, lines } = await figure('trajectory', 'flow', ...options, '--out', out, '--json');
    expect([code, lines()]).toEqual([0, [{ run: id, kind: 'trajectory', file: out }]]);
    const red = readFileSync(out, 'utf8')
      .split('\r\n')
      .filter((line) => line.includes(',R,'))
      .map((line) => line.split(',').slice(-4, -2).map(Number));
    const { states } = exampleStudyImage(1);
    expect(red).toEqual([0, 0.5, 1].map((time, at) => [time, states[at * 36 + 3 * 6]]));
  });

  it('writes SVG with its texts, and PNG of twice the size without fonts', async () => {
    const { figure, file } = openStudied();
    expect((await figure('curve', 'flow', '--out', file('curve.svg'))).code).toBe(0);
    expect(readFileSync(file('curve.svg'), 'utf8')).toContain('Heun, order 2.0');
    expect((await figure('paths', 'flow', '--out', file('paths.png'))).code).toBe(0);
    const { width, height, channels } = await sharp(file('paths.png')).metadata();
    expect([width, height]).toEqual([2880, 1280]);
    expect(channels).toBeGreaterThanOrEqual(3);
  });

  it('writes what a prediction depends on, and the maps of a time, with the numbers of the study', async () => {
    const { store, id, figure, file } = openStudied();
    const read = (name: string, series: string) =>
      readFileSync(file(name), 'utf8')
        .split('\r\n')
        .filter((line) => line.includes(`,${series},`))
        .map((line) => [line.split(',')[0], ...line.split(',').slice(-5).map(Number)]);
    const options = ['--test-image', '10', '--pixel', '2,1'];
    const { sensitivity, speed, spread } = exampleStudyImage(1);
    expect((await figure('sensitivity', 'flow', ...options, '--out', file('s.csv'))).code).toBe(0);
    // Of the query at pixel 6, at the known pixels 1, 6 and 11.
    const places = [
      [1, 0],
      [2, 1],
      [3, 2],
    ];
    expect(read('s.csv', 'sensitivity')).toEqual(
      [0, 0.5].flatMap((time, at) =>
        places.map((place, row) => [
          `Sensitivity at t = ${time}`,
          ...place,
          0,
          0,
          sensitivity[(at * 12 + 6) * 3 + row],
        ]),
      ),
    );
    const maps = await figure('maps', 'flow', ...options, '--time', '0.4', '--out', file('m.csv'));
    expect(maps.code).toBe(0);
    const ofState = (values: Float32Array) => Array.from(values.subarray(12, 24));
    expect(read('m.csv', 'speed').map((line) => line.at(-1))).toEqual(ofState(speed));
    expect(read('m.csv', 'deviation').map((line) => line.at(-1))).toEqual(ofState(spread));
    expect((await figure('maps', 'flow', '--out', file('m.svg'))).code).toBe(0);
    expect(readFileSync(file('m.svg'), 'utf8')).toContain('Curvature at t = 0.50');

    keepStudy(store, id, studyWithout('attention'));
    const plain = await figure('sensitivity', 'flow', '--out', file('plain.svg'));
    expect([plain.code, plain.stderr]).toEqual([0, expect.stringContaining('no attention')]);
    expect(readFileSync(file('plain.svg'), 'utf8')).not.toContain('Attention');
    keepStudy(store, id, studyWithout('attention', 'sensitivity'));
    const none = await figure('sensitivity', 'flow', '--out', file('none.svg'));
    expect([none.code, existsSync(file('none.svg'))]).toEqual([1, false]);
    expect(none.stderr).toContain('too many for gradients');
  });

  it('draws the calibration of the newest evaluation, with the spread of the study', async () => {
    const store = openExampleStore();
    insertEvaluatedRun(store, { name: 'measured', gain: 1 });
    const out = join(store.dataFolder, 'calibration.csv');
    const { code, stderr } = await runLab(
      'figure',
      'calibration',
      'measured',
      '--out',
      out,
      '--data-dir',
      store.dataFolder,
    );
    if (code === 0) expect(readFileSync(out, 'utf8')).toContain('Coverage');
    else expect(stderr).toContain('has no evaluation with several samples');
    const { figure, file } = openStudied();
    const missing = await figure('calibration', 'flow', '--out', file('x.svg'));
    expect([missing.code, existsSync(file('x.svg'))]).toEqual([1, false]);
    expect(missing.stderr).toMatch(/no evaluation with several samples.*lab evaluate .* --samples 8/s);
  });

  it('writes the images of the newest evaluation as PNG, SVG and PDF, and their PSNR as CSV', async () => {
    const { store, id, file, figure } = openStudied();
    const missing = await figure('grid', 'flow', '--out', file('none.svg'));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('no evaluation with images')]);
    await storeImages(store, id);
    const starts: Readonly<Record<string, string>> = {
      png: '\x89PNG',
      svg: '<svg ',
      pdf: '%PDF',
      csv: 'image',
    };
    for (const [format, start] of Object.entries(starts)) {
      const { code, stderr } = await figure('grid', 'flow', '--out', file(`grid.${format}`));
      expect([code, stderr]).toEqual([0, '']);
      expect(readFileSync(file(`grid.${format}`), 'latin1').startsWith(start)).toBe(true);
    }
    const numbers = readFileSync(file('grid.csv'), 'utf8')
      .split('\r\n')
      .filter((line) => line.includes('thin plate'))
      .map((line) => line.split(',').at(0));
    expect(numbers).toEqual(['1', '2']);
    // Truth, known pixels, thin plate and the run, two images each.
    expect(readFileSync(file('grid.svg'), 'utf8').match(/<image /g)).toHaveLength(8);
    expect(readFileSync(file('grid.pdf'), 'latin1').match(/\/Subtype \/Image/g)?.length).toBeGreaterThan(0);
  });

  it('refuses other kinds, formats, places and pixels before anything is computed', async () => {
    const { figure, file } = openStudied();
    mkdirSync(file('folder.svg'));
    const refused = async (...args: readonly string[]) => {
      const { code, stderr } = await figure(...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('path', 'flow', '--out', file('a.svg'))).toMatch(/“path”.*Did you mean "paths"/s);
    expect(await refused('paths', 'flow')).toContain('Add --out FILE');
    expect(await refused('paths', 'flow', '--out', file('a.gif'))).toMatch(
      /found \.gif; expected \.svg, \.png/,
    );
    expect(await refused('paths', 'flow', '--out', file('folder.svg'))).toContain('is a folder');
    expect(await refused('paths', 'flow', '--out', file('gone/a.svg'))).toContain('gone');
    expect(
      await refused('trajectory', 'flow', '--test-image', '8', '--pixel', '4,0', '--out', file('a.svg')),
    ).toMatch(/found 4,0.*4 × 3 pixels/s);
    // Earlier versions counted from 0: an old script must not get another image.
    expect(await refused('trajectory', 'flow', '--image', '9', '--out', file('a.svg'))).toMatch(
      /--image 9.*counts from 1.*--test-image 10/s,
    );
    expect(await refused('trajectory', 'flow', '--test-image', '0', '--out', file('a.svg'))).toMatch(
      /--test-image is "0", expected a whole number ≥ 1/,
    );
    expect(await refused('maps', 'flow', '--time', '1.2', '--out', file('a.svg'))).toMatch(
      /--time.*1\.2.*a number from 0 to 1/s,
    );
    // The weights of the study are not the newest ones of this image: it would be computed first.
    expect(
      await refused('sensitivity', 'flow', '--test-image', '4', '--pixel', '99,0', '--out', file('a.svg')),
    ).toMatch(/found 99,0/);
  });
});
