/** The tables of an output folder list every result in it, and results are never treated as input images. */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openResults } from '../../main/cli/inpaint/resultsFolder.ts';
import type { InpaintJob } from '../../main/compute/protocol.ts';
import { createInpaintHost, createSetup, writeImage } from './exampleInpaint.ts';

const jobs: InpaintJob[] = [];
vi.mock(import('../../main/jobs/computeHost.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  forkHost: () => createInpaintHost(jobs),
}));
beforeEach(() => void (jobs.length = 0));

/** Reads the names of images and results from results.csv. */
function readRows(folder: string): string[] {
  const [header, ...lines] = readFileSync(join(folder, 'results.csv'), 'utf8').trim().split('\r\n');
  const column = header.split(',').indexOf('result');
  const { pictures } = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as {
    pictures: { name: string; result: string }[];
  };
  const rows = lines.map((line) => line.split(',')).map((cells) => `${cells[0]} ${cells[column]}`);
  expect(pictures.map(({ name, result }) => `${name} ${result}`)).toEqual(rows);
  return rows;
}

describe('the tables of an output folder', () => {
  it('list the results of every call except deleted ones', async () => {
    const { at, inpaint } = createSetup();
    for (const [seed, name] of ['a.png', 'b.png', 'c.png'].entries()) await writeImage(at(name), { seed });
    await inpaint(at('a.png'));
    await inpaint(at('b.png'));
    expect(readRows(at('out'))).toEqual(['a.png a.png', 'b.png b.png']);
    const { stdout } = await inpaint(at('a.png'), at('b.png'));
    expect(stdout).toContain('0 done, 2 up to date');
    expect(stdout).toMatch(/mean of 2 +19\.25/);
    rmSync(at('out', 'a.png'));
    await inpaint(at('c.png'));
    expect(readRows(at('out'))).toEqual(['b.png b.png', 'c.png c.png']);
  });

  it('list results whose image or file has been moved or renamed', async () => {
    const { at, inpaint } = createSetup();
    for (const [seed, name] of ['a.png', 'b.png'].entries()) await writeImage(at(name), { seed });
    await inpaint(at('a.png'), at('b.png'));
    mkdirSync(at('moved'));
    for (const name of ['a.png', 'b.png']) renameSync(at(name), at('moved', name));
    renameSync(at('out', 'b.png'), at('out', 'kept.png'));
    renameSync(at('out'), at('elsewhere'));
    renameSync(at('elsewhere'), at('out'));
    rmSync(at('out', 'results.json'));
    const { stdout, stderr } = await inpaint(at('moved'));
    expect(stdout).toContain('0 done, 2 up to date');
    expect(stderr).toContain('b.png (2 of 2): up to date, as kept.png.');
    expect(readRows(at('out'))).toEqual(['a.png a.png', 'b.png kept.png']);
  });

  it('separate results with different settings', async () => {
    const { at, inpaint } = createSetup();
    for (const [seed, name] of ['a.png', 'b.png'].entries()) await writeImage(at(name), { seed });
    await inpaint(at('a.png'), '--samples', '2', '--strip');
    await inpaint(at('b.png'), '--steps', '3');
    expect(readRows(at('out'))).toEqual(['a.png a.png', 'b.png b.png']);
    const text = readFileSync(at('out', 'results.md'), 'utf8');
    expect(text).toMatch(/a\.png[^]*Heun, 10 steps; 2 samples[^]*b\.png[^]*Heun, 3 steps; 1 sample,/);
    expect(text).not.toContain('mean of');
  });

  it('list the results of two images with the same name from two folders', async () => {
    const { at, inpaint } = createSetup();
    for (const [seed, folder] of ['x', 'y'].entries()) {
      mkdirSync(at(folder));
      await writeImage(at(folder, 'a.png'), { seed });
      await inpaint(at(folder, 'a.png'));
    }
    expect(readRows(at('out')).sort()).toEqual([
      expect.stringMatching(/^a\.png a-[0-9a-f]{8}\.png$/),
      'a.png a.png',
    ]);
    expect((await inpaint(at('y', 'a.png'))).stdout).toContain('0 done, 1 up to date');
  });

  it('list results that other calls write in the meantime', async () => {
    const { at, inpaint } = createSetup();
    for (const [seed, name] of ['a.png', 'b.png'].entries()) await writeImage(at(name), { seed });
    mkdirSync(at('out'));
    const other = openResults(at('out'));
    await Promise.all([inpaint(at('a.png')), inpaint(at('b.png'))]);
    expect(readRows(at('out')).length).toBe(2);
    other.write();
    expect(readRows(at('out')).length).toBe(2);
  });

  it('never replace a file of the user', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('a.png'));
    mkdirSync(at('out'));
    writeFileSync(at('out', 'results.csv'), 'my,own,results\n');
    const { code, stderr } = await inpaint(at('a.png'));
    expect([code, jobs.length]).toEqual([1, 0]);
    expect(stderr).toContain('results.csv already exists and is not a table of lab inpaint');
    expect(readdirSync(at('out'))).toEqual(['results.csv']);
  });
});

describe('an image that this program computed', () => {
  it('is not treated as an input image of its folder', async () => {
    const { at, inpaint } = createSetup();
    mkdirSync(at('out'));
    await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } }).toFile(
      at('out', 'a.jpg'),
    );
    const args = [at('out'), '--samples', '2', '--strip'];
    expect((await inpaint(...args)).stdout).toContain('1 done, 0 up to date, 0 failed');
    const files = readdirSync(at('out'));
    const again = await inpaint(...args);
    expect(again.stdout).toContain('0 done, 1 up to date, 0 failed');
    expect(again.stderr).toContain('skipped 3 other files and 5 images that this program computed');
    expect(readdirSync(at('out'))).toEqual(files);
    rmSync(at('out', 'a.jpg'));
    expect((await inpaint(at('out'))).stderr).toContain('Name such a file itself to inpaint it again');
  });

  it('is filled in again if it is named, but not scored', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('a.png'));
    await inpaint(at('a.png'), '--strip');
    renameSync(at('out'), at('first'));
    const { stdout, stderr } = await inpaint(at('first', 'a.png'), at('first', 'a-strip.png'));
    expect(stderr.match(/computed this image, so it is no ground truth/g)?.length).toBe(2);
    expect(jobs.slice(1).map(({ truthIsKnown }) => truthIsKnown)).toEqual([false, false]);
    expect(stdout).not.toContain('exact');
  });
});

describe('a name of 255 bytes', () => {
  it('is shortened for the files of the result and remains distinct from other names', async () => {
    const { at, inpaint } = createSetup();
    const names = [`${'猫'.repeat(80)}.png`, `${'猫'.repeat(79)}犬.png`, `${'n'.repeat(251)}.png`];
    for (const [seed, name] of names.entries()) await writeImage(at(name), { seed });
    const { stdout, stderr } = await inpaint(...names.map((name) => at(name)), '--samples', '2', '--strip');
    expect(stderr).not.toContain('too long');
    expect(stdout).toContain('3 done, 0 up to date, 0 failed');
    const files = readdirSync(at('out')).filter((name) => name.endsWith('.png'));
    expect(files.length).toBe(3 * 5);
    expect(files.every((name) => Buffer.byteLength(name) <= 255 && name.isWellFormed())).toBe(true);
  });
});
