/** lab inpaint: the files it writes, the results it keeps, and its messages. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EstimateJob, InpaintJob } from '../../main/compute/protocol.ts';
import { openStore } from '../../main/store/store.ts';
import { provenanceKeyword, provenanceSchema } from '../../shared/inpainting.ts';
import { drawMask } from '../../shared/masks/laws.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { addCheckpoint } from '../jobs/inpainting/exampleInpaintings.ts';
import type { FakeHost } from '../jobs/fakeHost.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { createInpaintHost, filling, createSetup, writeImage, readPixels } from './exampleInpaint.ts';
import { runLab } from './runLab.ts';

const jobs: InpaintJob[] = [];
const estimates: EstimateJob[] = [];
const hosts: FakeHost[] = [];
let answer: ((host: FakeHost, job: InpaintJob) => boolean) | undefined;
vi.mock(import('../../main/jobs/computeHost.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  forkHost: () => {
    const host = createInpaintHost(jobs, answer, estimates);
    hosts.push(host);
    return host;
  },
}));
beforeEach(() => {
  jobs.length = 0;
  estimates.length = 0;
  hosts.length = 0;
  answer = undefined;
});

describe('a mask that the run was not trained with', () => {
  it('is warned of, with a run that was, and is filled in anyway', async () => {
    const { at, inpaint, folder } = createSetup();
    await writeImage(at('photo.png'), { width: 64, height: 48 });
    const hole = [at('photo.png'), '--pattern', 'block', '--keep', '0.75'];
    const warned = await inpaint(...hole);
    expect(warned.code).toBe(0);
    expect(warned.stderr).toMatch(
      /photo\.png: Trained on random pixels of 12 × 12 images.* will look blurred\. Train a run on such masks/,
    );
    const store = openStore(join(folder, 'data'));
    const { id } = insertExampleRun(store, 'mender', {
      data: { imageSize: 64 },
      mask: { law: 'block', keepRatio: 0.75 },
    });
    addCheckpoint(store, id, 5);
    store.close();
    const named = await inpaint(...hole, '--seed', '1');
    expect(named.stderr).toContain(`Run ${id} "mender" was trained on such masks.`);
    const fitting = await inpaint(at('photo.png'), '--pattern', 'uniform', '--keep', '0.2', '--seed', '2');
    expect([fitting.code, fitting.stderr.includes('Trained on')]).toEqual([0, false]);
  });
});

describe('a classical method', () => {
  it('fills in without a run, and its tables and metadata name it', async () => {
    const folder = makeTemporaryFolder();
    const at = (name: string) => join(folder, name);
    await writeImage(at('photo.png'));
    const lab = (...args: string[]) =>
      runLab('inpaint', ...args, '--out', at('out'), '--data-dir', at('data'));
    const { code, stdout, stderr } = await lab('--method', 'biharmonic', at('photo.png'));
    expect(code).toBe(0);
    expect(jobs).toEqual([]);
    expect(estimates).toMatchObject([{ method: 'biharmonic', fit: 'whole', scale: 1, width: 8 }]);
    expect(stderr).toContain(`Biharmonic: 1 image into ${at('out')}`);
    expect(stderr).toContain('Result: Biharmonic. Smooth');
    expect(stdout).toMatch(/photo\.png +8×6/);
    const text = readPngText(readFileSync(at('out/photo.png')), provenanceKeyword) ?? '';
    const provenance = provenanceSchema.parse(JSON.parse(text));
    expect(provenance).toMatchObject({ method: 'biharmonic', runName: 'Biharmonic', truthIsKnown: true });
    expect(provenance).not.toHaveProperty('runId');
    const tables = ['results.md', 'results.csv'].map((name) => readFileSync(at(`out/${name}`), 'utf8'));
    expect(tables[0]).toContain('# Inpainted by Biharmonic');
    expect(tables[0]).toContain('A classical method, without a run.');
    expect(tables[0]).not.toContain('seed 0');
    expect(tables[1]).toMatch(/,,,,,whole,1,biharmonic,$/m);
    const again = await lab('--method', 'biharmonic', at('photo.png'), '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      method: 'biharmonic',
      pictures: [{ status: 'up to date' }],
    });
    expect((await lab('--method', 'telea', at('photo.png'))).stdout).toContain('1 done');
  });

  it.each([
    [['--steps', '3'], '--method telea and --steps exclude each other'],
    [['--samples', '1'], '--method telea and --samples exclude each other'],
    [['--fit'], '--method telea and --fit exclude each other'],
    [['--method', 'linear'], 'tension-spline, biharmonic, thin-plate or telea'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await runLab('inpaint', 'photo.png', '--method', 'telea', ...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('is not guessed: an image alone is an error that names the option', async () => {
    const { code, stderr } = await runLab('inpaint', 'photo.png');
    expect([code, stderr]).toEqual([2, expect.stringContaining('lab inpaint --method biharmonic photo.png')]);
  });
});

describe('one image', () => {
  it('becomes a PNG with exact known pixels and its provenance', async () => {
    const { at, inpaint, runId, checkpointSha256 } = createSetup();
    const pixels = await writeImage(at('photo.png'));
    const { code, stdout } = await inpaint(
      at('photo.png'),
      '--pattern',
      'lines',
      '--keep',
      '0.5',
      '--steps',
      '3',
    );
    expect(code).toBe(0);
    const mask = drawMask({ law: 'lines', keepRatio: 0.5, seed: 42, width: 8, height: 6 });
    expect(jobs[0].mask).toEqual(mask);
    const expected = pixels.map((value, index) => (mask.bits[Math.floor(index / 3)] ? value : filling));
    expect((await readPixels(at('out', 'photo.png'))).pixels).toEqual(expected);
    const text = readPngText(readFileSync(at('out', 'photo.png')), provenanceKeyword) ?? '';
    expect(provenanceSchema.parse(JSON.parse(text))).toMatchObject({
      inpaintingId: null,
      runId,
      runName: 'trained',
      checkpointStep: 10,
      checkpointSha256,
      mask: { kind: 'drawn', pattern: 'lines', keepRatio: 0.5, seed: 42 },
      fit: 'whole',
      scale: 1,
      solver: 'heun',
      steps: 3,
      samples: 1,
      seed: 0,
      truthIsKnown: true,
    });
    expect(stdout).toMatch(/Image +Size +Known +hidden dB, result +hidden dB, thin plate/);
    expect(stdout).toMatch(
      /photo\.png +8×6 +24 \(50\.0 %\) +19\.25 +18\.25 +17\.25 +exact +16\.25 +0\.750 +0\.750 +0\.750 +– +0\.750 +1\.5/,
    );
    expect(readdirSync(at('out')).sort()).toEqual(['photo.png', 'results.csv', 'results.json', 'results.md']);
    expect(hosts.map((host) => host.isGone())).toEqual([true]);
  });

  it('with several samples becomes a file per sample and one of their deviation, and with --strip also a strip', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'));
    await inpaint(at('photo.png'), '--samples', '2', '--strip');
    const images = readdirSync(at('out')).filter((name) => name.endsWith('.png'));
    expect(images.sort()).toEqual(
      ['-deviation', '-sample-1', '-sample-2', '-strip', ''].map((part) => `photo${part}.png`),
    );
    const strip = await sharp(at('out', 'photo-strip.png')).metadata();
    // Truth, known pixels, thin plate, mean, two samples and the error.
    expect(strip.width).toBeGreaterThan(7 * 160);
  });

  it('becomes the posterior mean unless an option requests a sample, and the output says which', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'));
    const planOf = async (...args: string[]) => {
      const { code, stderr } = await inpaint(at('photo.png'), ...args);
      expect(code).toBe(0);
      const { plan, samples, symmetries } = jobs[jobs.length - 1];
      return [plan.solver, plan.steps, samples, symmetries, /Result: (.*?)\./.exec(stderr)?.[1]];
    };
    expect(await planOf()).toEqual(['ddim', 1, 1, 1, 'the posterior mean']);
    expect(readFileSync(at('out', 'results.md'), 'utf8')).toContain('Posterior mean, seed 0.');
    expect(await planOf('--result', 'sample')).toEqual(['heun', 10, 1, undefined, 'one sample']);
    expect(await planOf('--steps', '3')).toEqual(['heun', 3, 1, undefined, 'one sample']);
    expect(await planOf('--samples', '4')).toEqual(['heun', 10, 4, undefined, 'the mean of 4 samples']);
    expect(await planOf('--seed', '7')).toEqual(['heun', 10, 1, undefined, 'one sample']);
    expect((await planOf('--result', 'mean', '--seed', '7')).slice(0, 4)).toEqual(['ddim', 1, 1, 1]);
    expect((await planOf('--symmetries', '2')).slice(0, 4)).toEqual(['ddim', 1, 1, 2]);
    expect(readFileSync(at('out', 'results.md'), 'utf8')).toContain('mean, mirrored, seed 0.');
    await planOf('--unbounded');
    expect(jobs.map(({ bounded }) => bounded)).toEqual([false, true, true, true, true, false, false, false]);
  });

  it('fitted to the training size gets a mask drawn for the small square', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'), { width: 20, height: 10 });
    await inpaint(at('photo.png'), '--fit');
    expect(jobs[0]).toMatchObject({ fit: 'fit', width: 20, height: 10 });
    expect(jobs[0].mask).toMatchObject({ width: 12, height: 12 });
  });

  it('is refused if its enlarged result would be too large', async () => {
    const { at, inpaint } = createSetup();
    await sharp({ create: { width: 2000, height: 1300, channels: 3, background: 'red' } }).toFile(
      at('big.png'),
    );
    const { code, stderr } = await inpaint(at('big.png'), '--scale', '4');
    expect([code, jobs.length]).toEqual([1, 0]);
    expect(stderr).toContain('The result would have 8000 × 5200 pixels');
    const strip = await inpaint(at('big.png'), '--scale', '2', '--strip');
    expect([strip.code, jobs.length]).toEqual([1, 0]);
    expect(strip.stderr).toContain('A strip of 4000 × 2600 pixels would be too large');
  });
});

describe('a folder of images', () => {
  async function makeFolder() {
    const setup = createSetup();
    const { at } = setup;
    mkdirSync(at('photos', 'below'), { recursive: true });
    for (const [seed, name] of ['p10.png', 'p2.png', 'both.png', 'below/x.png'].entries()) {
      await writeImage(at('photos', name), { seed });
    }
    await sharp(at('photos', 'both.png')).toFile(at('photos', 'both.webp'));
    writeFileSync(at('photos', 'notes.txt'), 'not an image');
    writeFileSync(at('photos', '.hidden.png'), 'not an image');
    return setup;
  }

  it('is computed in the order of names by one process, and summarised in tables', async () => {
    const { at, inpaint, runId } = await makeFolder();
    const { code, stdout, stderr } = await inpaint(at('photos'), '--solver', 'heun');
    expect(code).toBe(0);
    expect(jobs.map(({ id }) => id)).toEqual(['both.png', 'both.webp', 'p2', 'p10']);
    expect(hosts.length).toBe(1);
    expect(stderr).toContain('skipped 1 other file.');
    expect(stdout).toMatch(/mean of 4 +19\.25 +18\.25 +17\.25 +exact/);
    expect(readFileSync(at('out', 'results.md'), 'utf8')).toMatch(
      /^# Inpainted by trained\n\n\| Image \|[^]*\nKnown by random pixels, 20 %, mask seed 42\. Heun, 10 steps; 1 sample, bounded colours, seed 0\.\n/,
    );
    const [head, ...lines] = readFileSync(at('out', 'results.csv'), 'utf8').trim().split('\r\n');
    expect(head).toBe(
      'picture,width,height,known,known_of,psnr_result,psnr_thin_plate,psnr_tension_spline,psnr_biharmonic,psnr_telea,psnr_unknown_result,psnr_unknown_thin_plate,psnr_unknown_tension_spline,psnr_unknown_biharmonic,psnr_unknown_telea,ssim_result,ssim_thin_plate,ssim_tension_spline,ssim_biharmonic,ssim_telea,seconds,result,run,step,mask,keep,mask_seed,solver,steps,samples,seed,fit,scale,method,symmetries',
    );
    expect(lines.length).toBe(4);
    expect(lines[2]).toBe(
      `p2.png,8,6,9,pixels,20.5,18,17.5,inf,17,19.25,18.25,17.25,inf,16.25,0.75,0.75,0.75,,0.75,1.5,p2.png,${runId},10,uniform,0.2,42,heun,10,1,0,whole,1,,`,
    );
  });

  it('is resumed: only new, changed and missing results are computed', async () => {
    const { at, inpaint } = await makeFolder();
    const args = [at('photos'), '--samples', '2'];
    await inpaint(...args);
    jobs.length = 0;
    const again = await inpaint(...args);
    expect([again.code, jobs.length]).toEqual([0, 0]);
    expect(again.stderr).toContain('p2.png (3 of 4): up to date.');
    expect(again.stdout).toContain('mean of 4');
    expect(again.stdout).toContain('0 done, 4 up to date, 0 failed.');
    await writeImage(at('photos', 'p10.png'), { seed: 99 });
    await writeImage(at('photos', 'new.png'), { seed: 100 });
    rmSync(at('out', 'p2-sample-2.png'));
    await inpaint(...args);
    expect(jobs.map(({ id }) => id)).toEqual(['new', 'p2', 'p10']);
    await inpaint(...args, '--seed', '1');
    expect(jobs.length).toBe(3 + 5);
  });

  it('continues with the next image in a new process after one image crashed the process twice', async () => {
    const { at, inpaint } = await makeFolder();
    answer = (host, { id }) => {
      if (id !== 'both.webp') return false;
      host.exit({ code: null, signal: 'SIGSEGV' });
      return true;
    };
    const { code, stderr, stdout } = await inpaint(at('photos'));
    // The first, the retry of the image, and one for the images after it.
    expect([code, hosts.length]).toEqual([1, 3]);
    expect(stderr).toContain(
      'The compute process crashed (SIGSEGV); continuing once more in a safer, slower mode.',
    );
    expect(stderr).toContain('both.webp (2 of 4): The compute process ended (SIGSEGV)');
    expect(stdout).toContain('3 done, 0 up to date, 1 failed.');
  });

  it('ends at Ctrl-C and keeps the finished results', async () => {
    const { at, inpaint } = await makeFolder();
    answer = (_, { id }) => {
      if (id === 'p2') setImmediate(() => process.emit('SIGINT'));
      return id === 'p2';
    };
    const { code, stderr, stdout } = await inpaint(at('photos'));
    expect(code).toBe(130);
    expect(stderr).toContain(
      'Interrupted. Finished results are kept; the same command continues with the rest.',
    );
    expect(stdout).toContain('2 done, 0 up to date, 0 failed.');
    expect([existsSync(at('out', 'p2.png')), existsSync(at('out', 'both.png.png'))]).toEqual([false, true]);
    answer = undefined;
    jobs.length = 0;
    expect((await inpaint(at('photos'))).code).toBe(0);
    expect(jobs.map(({ id }) => id)).toEqual(['p2', 'p10']);
  });

  it('is reported as one JSON document with --json', async () => {
    const { at, inpaint, runId } = await makeFolder();
    writeFileSync(at('photos', 'p3.png'), 'text');
    const { code, lines } = await inpaint(at('photos'), '--json');
    expect(code).toBe(1);
    const [document, ...more] = lines();
    expect(more).toEqual([]);
    expect(document).toMatchObject({ run: runId, step: 10, out: at('out'), interrupted: false });
    expect(document.pictures).toMatchObject([
      { status: 'done', result: at('out', 'both.png.png'), width: 8, height: 6, observed: 9, hasTruth: true },
      {
        status: 'done',
        scores: [{ method: 'result', psnr: 20.5 }, {}, {}, { psnr: 'Infinity' }, { psnr: 17 }],
      },
      { status: 'done' },
      {
        status: 'failed',
        file: at('photos', 'p3.png'),
        error: expect.stringContaining('not a PNG, JPEG or WebP image'),
      },
      { status: 'done', files: [at('out', 'p10.png')] },
    ]);
  });

  it('without an image is an error', async () => {
    const { at, inpaint } = createSetup();
    mkdirSync(at('photos'));
    writeFileSync(at('photos', 'notes.txt'), '');
    const { code, stderr } = await inpaint(at('photos'));
    expect(code).toBe(1);
    expect(stderr).toContain('has no PNG, JPEG or WebP image, only 1 other file.');
  });
});

describe('existing files of the user', () => {
  it('are never overwritten, neither the image itself nor another one of its name', async () => {
    const { at, inpaint } = createSetup();
    mkdirSync(at('out'));
    await writeImage(at('out', 'photo.png'));
    await writeImage(at('photo.webp'));
    const before = readFileSync(at('out', 'photo.png'));
    const itself = await inpaint(at('out', 'photo.png'));
    expect(itself.stderr).toContain('would be overwritten by its own result. Choose another --out folder.');
    const other = await inpaint(at('photo.webp'));
    expect(other.stderr).toContain(
      'is not an inpainting result, so it was not overwritten. Choose another --out folder.',
    );
    expect(readFileSync(at('out', 'photo.png'))).toEqual(before);
  });

  it('with the same name in two folders are not mixed up', async () => {
    const { at, inpaint } = createSetup();
    for (const [seed, folder] of ['a', 'b'].entries()) {
      mkdirSync(at(folder));
      await writeImage(at(folder, 'photo.png'), { seed });
    }
    const { code, stderr } = await inpaint(at('a'), at('b'));
    expect([code, jobs.length]).toEqual([1, 1]);
    expect(stderr).toContain(`would be written as photo.png.png, as is ${at('a', 'photo.png')}.`);
  });
});

describe('images that do not exist', () => {
  it('end the command before its plan if there is no other; among others, they fail on their own', async () => {
    const { at, inpaint } = createSetup();
    const none = await inpaint(at('no.png'));
    expect([none.code, jobs]).toEqual([1, []]);
    expect(none.stderr).toContain(`The file ${at('no.png')} does not exist.`);
    expect(none.stderr).not.toContain('Result:');
    expect((await inpaint(at('no.png'), at('nor.png'))).stderr).toContain('None of the 2 files exists: ');
    await writeImage(at('here.png'));
    const one = await inpaint(at('no.png'), at('here.png'));
    expect([one.code, jobs.length]).toEqual([1, 1]);
    expect(one.stderr).toContain('2 images into');
  });
});

describe('the run of an inpainting', () => {
  it('is the newest run of the preset with a checkpoint; without one, the message says how to train it', async () => {
    const dataFolder = makeTemporaryFolder();
    const image = join(dataFolder, 'photo.png');
    await writeImage(image);
    const args = (reference: string) => [
      'inpaint',
      reference,
      image,
      '--out',
      join(dataFolder, 'out'),
      '--data-dir',
      dataFolder,
      '--json',
    ];
    const none = await runLab(...args('laptop'));
    expect(none.stderr).toContain('Train one first: lab train --preset laptop --minutes 10.');
    const store = openStore(dataFolder);
    insertExampleRun(store, 'older', { preset: 'laptop' });
    const { id } = insertExampleRun(store, 'newer', { preset: 'laptop' });
    const { id: untrained } = insertExampleRun(store, 'newest', { preset: 'laptop' });
    addCheckpoint(store, id, 10);
    store.close();
    const found = await runLab(...args('laptop'));
    expect(found.lines()[0].run).toBe(id);
    expect((await runLab(...args(untrained))).stderr).toContain(
      'has no checkpoint yet, and inpainting needs one',
    );
    expect((await runLab(...args('nothing'))).code).toBe(1);
  });

  it.each([
    [['--keep', '0'], '--keep is "0"'],
    [['--pattern', 'random'], '--pattern is "random", expected uniform, blue-noise'],
    [['--scale', '3'], '--scale is "3", expected 1, 2 or 4'],
    [['--samples', '65'], '--samples is "65", expected a whole number from 1 to 64'],
    [['--ground', 'red'], '--ground is "red", expected white, black or #rrggbb'],
    [['--mask-seed', '2147483648'], 'expected a whole number from 0 to 2147483647'],
    [['--result', 'mean', '--samples', '4'], '--result mean and --samples exclude each other'],
    [['--steps', '4', '--symmetries', '8'], '--symmetries needs the posterior mean'],
  ])('is not looked up if an option is invalid: %j', async (args, message) => {
    const { at, inpaint } = createSetup();
    await copyFile(import.meta.filename, at('photo.png'));
    const { code, stderr } = await inpaint(at('photo.png'), ...args);
    expect([code, jobs.length]).toEqual([2, 0]);
    expect(stderr).toContain(message);
  });
});
