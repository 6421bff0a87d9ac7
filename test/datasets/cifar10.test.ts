import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDataset } from '../../main/datasets/registry.ts';
import type { OpenOptions } from '../../main/datasets/dataset.ts';
import { imageAt } from '../../shared/images/image.ts';
import { createArchive, createBinaryBatch, expectedPixel } from './cifarFiles.ts';
import type { Member } from './cifarFiles.ts';
import { createZip } from '../support/zipArchive.ts';

const sample = join(import.meta.dirname, '../../../shared/data/cifar10-sample');
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 30730000\n`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-'));
});
afterEach(() => rm(folder, { recursive: true }));

function open(path: string, change: Partial<OpenOptions> = {}) {
  return openDataset(`cifar10:${path}`, { split: 'test', imageSize: 32, cacheFolder: folder, ...change });
}

async function openFile(name: string, bytes: Buffer | string, change?: Partial<OpenOptions>) {
  await writeFile(join(folder, name), bytes);
  return open(folder, change);
}

async function openArchive(members: readonly Member[], change?: Partial<OpenOptions>) {
  await writeFile(join(folder, 'archive.tar.gz'), await createArchive(members));
  return open(join(folder, 'archive.tar.gz'), change);
}

describe('CIFAR-10 from a folder', () => {
  it('converts colour planes into channels-last pixels', async () => {
    const dataset = await openFile('test_batch.bin', createBinaryBatch(3));
    const image = imageAt(dataset.readImages([2]), 0).values;
    for (const [row, column] of [
      [0, 0],
      [0, 31],
      [17, 5],
      [31, 31],
    ]) {
      const start = (row * 32 + column) * 3;
      const found = [...image.subarray(start, start + 3)].map((value) => value * 255);
      expect(found.map(Math.round)).toEqual(expectedPixel(2, { row, column }));
    }
  });

  it('concatenates the training batches by number and names the missing ones', async () => {
    for (const number of [3, 1])
      await writeFile(join(folder, `data_batch_${number}.bin`), createBinaryBatch(2, number));
    const dataset = await open(folder, { split: 'train' });
    const firstBytes = [0, 1, 2, 3].map((index) => Math.round(dataset.readImages([index]).values[0] * 255));
    expect(firstBytes).toEqual([1, 8, 3, 10]);
    expect(dataset.info).toMatchObject({ count: 4, height: 32, width: 32, split: 'train' });
    expect(dataset.info.notes).toEqual([
      '2 of 5 batches; missing: data_batch_2, data_batch_4, data_batch_5.',
      '4 images of the official 50000.',
    ]);
  });

  it('finds the batches in the folder of the unpacked official archive', async () => {
    await mkdir(join(folder, 'cifar-10-batches-bin'));
    expect((await openFile('cifar-10-batches-bin/test_batch.bin', createBinaryBatch(1))).info.count).toBe(1);
  });

  it('resizes images by area averages and notes it', async () => {
    const dataset = await openFile('test_batch.bin', createBinaryBatch(1), { imageSize: 16 });
    expect(dataset.info).toMatchObject({ height: 16, width: 16 });
    expect(dataset.info.notes).toContain('Resized from 32×32 to 16×16 by area average.');
    // The red value of the first output pixel is the rounded mean of 0, 1, 32 and 33.
    expect(Math.round(dataset.readImages([0]).values[0] * 255)).toBe(17);
  });

  it('has a checksum that depends only on the pixels', async () => {
    const fromFolder = await openFile('test_batch.bin', createBinaryBatch(2));
    const fromArchive = await openArchive([{ name: 'x/test_batch.bin', bytes: createBinaryBatch(2) }]);
    const other = await openFile('test_batch.bin', createBinaryBatch(2, 1));
    expect(fromArchive.info.checksum).toBe(fromFolder.info.checksum);
    expect(other.info.checksum).not.toBe(fromFolder.info.checksum);
  });

  it('rejects batch files that are truncated, empty, invalid or Git-LFS pointers', async () => {
    const batch = createBinaryBatch(2);
    const truncated = openFile('test_batch.bin', batch.subarray(0, 4000));
    await expect(truncated).rejects.toThrow(
      'test_batch.bin has 4000 bytes: expected a whole number of 3073-byte records',
    );
    await expect(openFile('test_batch.bin', '')).rejects.toThrow('has 0 bytes');
    await expect(openFile('test_batch.bin', pointer)).rejects.toThrow('Git-LFS pointer');
    batch[3073] = 10;
    await expect(openFile('test_batch.bin', batch)).rejects.toThrow('record 1: label 10, expected 0 to 9');
  });

  it('states what was expected if nothing is found', async () => {
    await expect(open(folder)).rejects.toThrow(
      "has none of CIFAR-10's files. It is empty. Expected CIFAR-10 as a folder or archive",
    );
    await expect(open(join(folder, 'nowhere'))).rejects.toThrow('does not exist');
  });

  it.skipIf(!existsSync(sample))('reads the sample of real images (skipped without the sample)', async () => {
    const dataset = await open(sample);
    expect(dataset.info.count).toBe(1000);
    const { values } = dataset.readImages([...Array(1000).keys()]);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.4782, 3);
  });
});

describe('CIFAR-10 in common layouts', () => {
  const batch = createBinaryBatch(3);
  const member = { name: 'cifar-10-batches-bin/test_batch.bin', bytes: batch };
  const write = async (name: string, bytes: Buffer | string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  };
  const count = async (path = folder) => (await open(path)).info.count;

  it.each([
    'cifar-10-batches-py/cifar-10-batches-py/test_batch.bin',
    'cifar-10-batches-bin/test_batch.bin',
    'cifar10/cifar-10-batches-py/test_batch.bin',
    'CIFAR10/test_batch.bin',
    'cifar-10-python/cifar-10-batches-py/test_batch.bin',
  ])('is found in %s below the given folder', async (name) => {
    await write(name, batch);
    expect(await count()).toBe(3);
  });

  it.each([
    'cifar-10-binary.tar.gz',
    'cifar-10-python.tgz',
    'cifar-10-python (1).tar.gz',
    'cifar-10-batches-py/cifar-10-python.tar.gz',
  ])('is found as the archive %s in the given folder', async (name) => {
    await write(name, await createArchive([member]));
    expect(await count()).toBe(3);
  });

  it('is read from an uncompressed .tar regardless of its name', async () => {
    await write('archive.gz', gunzipSync(await createArchive([member])));
    expect(await count(join(folder, 'archive.gz'))).toBe(3);
  });

  it('is read from a .zip, even with the files that macOS adds, but not with unsafe paths', async () => {
    const zip = createZip([{ name: '__MACOSX/x/test_batch.bin', bytes: Buffer.from('resource') }, member]);
    await write('kaggle.zip', zip);
    expect(await count(join(folder, 'kaggle.zip'))).toBe(3);
    zip.write('../', zip.lastIndexOf(member.name), 'latin1');
    await write('evil.zip', zip);
    await expect(count(join(folder, 'evil.zip'))).rejects.toThrow('cannot be used');
  });

  it('is read regardless of AppleDouble files', async () => {
    const double = { name: 'cifar-10-batches-bin/._test_batch.bin', bytes: Buffer.from('resource fork') };
    await write('mac.tar.gz', await createArchive([double, member]));
    expect(await count(join(folder, 'mac.tar.gz'))).toBe(3);
    await write('unpacked/._test_batch.bin', 'resource fork');
    await write('unpacked/test_batch.bin', batch);
    expect(await count(join(folder, 'unpacked'))).toBe(3);
  });

  it('is distinguished from CIFAR-100 and the MATLAB version, which the error names', async () => {
    for (const name of ['train', 'test', 'meta']) await write(`c100/${name}`, '');
    for (const name of ['train.bin', 'test.bin', 'fine_label_names.txt']) await write(`b100/${name}`, '');
    for (const number of [1, 2]) await write(`mat/data_batch_${number}.mat`, '');
    await write(
      'cifar-100-python.tar.gz',
      await createArchive([{ name: 'x/train', bytes: Buffer.from('x') }]),
    );
    for (const name of ['c100', 'b100', 'cifar-100-python.tar.gz']) {
      await expect(count(join(folder, name))).rejects.toThrow(
        `${name}: this is CIFAR-100, which is not supported.`,
      );
    }
    await expect(count(join(folder, 'mat'))).rejects.toThrow('this is the MATLAB version of CIFAR-10');
  });

  it('is reported as missing with the files that were found instead', async () => {
    await write('notes.txt', '');
    await write('photo.jpg', '');
    await expect(count()).rejects.toThrow("has none of CIFAR-10's files. It has notes.txt, photo.jpg.");
    await write('wrapped.zip', createZip([{ name: 'cifar-10-python.tar.gz', bytes: Buffer.from('x') }]));
    await expect(count(join(folder, 'wrapped.zip'))).rejects.toThrow(
      'Unpack it and give the path of cifar-10-python.tar.gz.',
    );
    await write('single.gz', gzipSync(batch));
    await expect(count(join(folder, 'single.gz'))).rejects.toThrow(
      'What is compressed in it is no .tar archive.',
    );
    await write('test_batch.bin', batch);
    await expect(count(join(folder, 'test_batch.bin'))).rejects.toThrow('Give the folder that it is in.');
  });
});

describe('CIFAR-10 from a .tar.gz', () => {
  const good = { name: 'cifar-10-batches-bin/test_batch.bin', bytes: createBinaryBatch(3) };

  it('reads the required members in any order among other files', async () => {
    const members = [5, 2, 1].map((number) => ({
      name: `cifar-10-batches-bin/data_batch_${number}.bin`,
      bytes: createBinaryBatch(1, number),
    }));
    const readme = { name: 'readme.html', bytes: Buffer.from('<p>') };
    const directory: Member = { name: 'cifar-10-batches-bin', type: 'directory' };
    const done: number[] = [];
    const dataset = await openArchive([directory, readme, members[0], good, ...members.slice(1)], {
      split: 'train',
      onProgress: (progress) => done.push(progress.done),
    });
    expect([...dataset.readImages([0, 1, 2]).values].filter((_, index) => index % 3072 === 0)).toEqual(
      [1, 2, 5].map((value) => Math.fround(value / 255)),
    );
    expect(done).toEqual([1, 2, 3]);
  });

  it('writes nothing to disk', async () => {
    await openArchive([good, { name: 'escape.txt', bytes: Buffer.from('out') }]);
    expect(existsSync(join(folder, 'cifar-10-batches-bin')) || existsSync(join(folder, 'escape.txt'))).toBe(
      false,
    );
  });

  it('rejects links, paths that leave the archive, and repeated batches', async () => {
    const link: Member = { name: 'x/test_batch.bin', type: 'symlink', linkname: '/etc/passwd' };
    await expect(openArchive([link])).rejects.toThrow('"x/test_batch.bin" is a link');
    await expect(openArchive([good, { ...link, type: 'link' }])).rejects.toThrow('is a link');
    await expect(openArchive([{ ...good, name: '../test_batch.bin' }])).rejects.toThrow('leaves the archive');
    await expect(openArchive([good, { ...good, name: 'y/test_batch.bin' }])).rejects.toThrow('a second time');
  });

  it('rejects truncated and damaged archives', async () => {
    const bytes = await createArchive([{ ...good, bytes: createBinaryBatch(20) }]);
    const file = join(folder, 'archive.tar.gz');
    for (const length of [bytes.length - 1, bytes.length >> 1, 30]) {
      await writeFile(file, bytes.subarray(0, length));
      await expect(open(file), `${length} bytes`).rejects.toThrow(`(${length} bytes) cannot be used`);
    }
    const damaged = Buffer.from(bytes);
    damaged[damaged.length - 6] ^= 1;
    await writeFile(file, damaged);
    await expect(open(file)).rejects.toThrow('cannot be used');
  });

  it('rejects other files and Git-LFS pointers', async () => {
    const file = join(folder, 'archive.tar.gz');
    await writeFile(file, '<!doctype html>');
    await expect(open(file)).rejects.toThrow('is no .tar, .tar.gz or .zip archive');
    await writeFile(file, pointer);
    await expect(open(file)).rejects.toThrow('Git-LFS pointer');
  });

  it('rejects an archive without the required batches', async () => {
    await expect(openArchive([good], { split: 'train' })).rejects.toThrow('none of the batch files needed');
  });

  it('stops if it is aborted', async () => {
    const reason = new Error('changed my mind');
    const aborted = openArchive([good], { signal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
  });
});
