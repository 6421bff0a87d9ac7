import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createTemporaryName,
  isStrayTemp,
  removeAbandonedTemps,
  removeStrayTemps,
  replaceFile,
  writeFileAtomically,
} from '../../../main/store/files/atomicFile.ts';
import { checkpointPath, writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import {
  findNewestVerified,
  listCheckpoints,
  pruneCheckpoints,
} from '../../../main/store/files/checkpointFolder.ts';
import { nodeFileSystem } from '../../../main/store/files/fileSystem.ts';
import { parsePreviewName, writePreview } from '../../../main/store/files/runImages.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import { exampleCheckpoint } from './exampleCheckpoint.ts';
import { createFaultyFileSystem } from './faultyFileSystem.ts';

function createFolder(...steps: number[]): string {
  const folder = makeTemporaryFolder();
  steps.forEach((step) => writeCheckpoint(folder, exampleCheckpoint(step)));
  return folder;
}

describe('listCheckpoints', () => {
  it('returns steps of regular files with an exact name, newest first', () => {
    const folder = createFolder(2, 10, 0);
    const others = [
      'ckpt-01.safetensors',
      'ckpt--1.safetensors',
      'ckpt-3.safetensors.damaged',
      'ckpt-4.tmp-0123456789ab',
      'xckpt-5.safetensors',
    ];
    others.forEach((name) => writeFileSync(join(folder, name), ''));
    mkdirSync(checkpointPath(folder, 6));
    symlinkSync(checkpointPath(folder, 2), checkpointPath(folder, 7));
    expect(listCheckpoints(folder)).toEqual([10, 2, 0]);
  });
});

describe('findNewestVerified', () => {
  it('skips damaged files and returns the reason', () => {
    const folder = createFolder(1, 2, 3);
    truncateSync(checkpointPath(folder, 3), 20);
    writeFileSync(checkpointPath(folder, 2), 'not a checkpoint');
    const { checkpoint, damaged } = findNewestVerified(folder);
    expect(checkpoint?.step).toBe(1);
    expect(damaged.map(({ file }) => file)).toEqual(['ckpt-3.safetensors', 'ckpt-2.safetensors']);
    expect(damaged[0].reason).toMatch(/header length .* found, at most 12/);
  });

  it('returns null for an empty folder', () => {
    expect(findNewestVerified(makeTemporaryFolder())).toEqual({ checkpoint: null, damaged: [] });
  });
});

describe('pruneCheckpoints', () => {
  it('keeps the newest checkpoints and the best one', () => {
    const folder = createFolder(1, 2, 3, 4, 5, 6);
    expect(pruneCheckpoints(folder, { keep: 3, best: 2 })).toEqual({ removed: [3, 1], failed: [] });
    expect(listCheckpoints(folder)).toEqual([6, 5, 4, 2]);
  });

  it('keeps at least two checkpoints', () => {
    const folder = createFolder(1, 2, 3);
    expect(pruneCheckpoints(folder, { keep: 0, best: null }).removed).toEqual([1]);
    expect(listCheckpoints(folder)).toEqual([3, 2]);
  });

  it('never removes the last two valid checkpoints, however many damaged ones are newer', () => {
    const folder = createFolder(1, 2, 3, 4, 5, 6);
    [4, 5, 6].forEach((step) => truncateSync(checkpointPath(folder, step), 20));
    expect(pruneCheckpoints(folder, { keep: 2, best: null }).removed).toEqual([1]);
    expect(listCheckpoints(folder)).toEqual([6, 5, 4, 3, 2]);
  });

  it('reports a file that cannot be deleted and continues with the others', () => {
    const folder = createFolder(1, 2, 3, 4);
    const remove = (path: string): void => {
      if (path.endsWith('ckpt-2.safetensors')) throw new Error('EACCES: not allowed');
      nodeFileSystem.remove(path);
    };
    const result = pruneCheckpoints(folder, { keep: 2, best: null }, { ...nodeFileSystem, remove });
    expect(result).toEqual({
      removed: [1],
      failed: [{ file: 'ckpt-2.safetensors', reason: 'EACCES: not allowed' }],
    });
  });
});

describe('removeStrayTemps', () => {
  it('removes all temporary files and nothing else', () => {
    const folder = createFolder(1);
    const temps = ['ckpt-2.tmp-0123456789ab', 'preview-2.tmp-0123456789ab', 'run.tmp-0123456789ab'];
    [...temps, 'notes.txt', 'my.tmp-file'].forEach((name) => writeFileSync(join(folder, name), ''));
    expect(removeStrayTemps(folder).sort()).toEqual(temps);
    expect(readdirSync(folder).sort()).toEqual(['ckpt-1.safetensors', 'my.tmp-file', 'notes.txt']);
  });
});

describe('writePreview', () => {
  it('names the file after the step', () => {
    const folder = makeTemporaryFolder();
    expect(writePreview({ folder, step: 40, png: Uint8Array.of(1, 2) })).toBe('preview-40.png');
    expect(readdirSync(folder)).toEqual(['preview-40.png']);
    expect([parsePreviewName('preview-40.png'), parsePreviewName('preview-4a.png')]).toEqual([40, undefined]);
  });

  it('leaves no partial image if the disk is full', () => {
    const folder = makeTemporaryFolder();
    for (let at = 0; at < 5; at++) {
      const full = createFaultyFileSystem({ fault: 'ENOSPC', at, lasts: 'once' });
      expect(() => writePreview({ folder, step: 1, png: Uint8Array.of(1, 2) }, full)).toThrow('ENOSPC');
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});

describe('a temporary file', () => {
  it('has a short name, so that files with names of 255 bytes can be written', () => {
    const folder = makeTemporaryFolder();
    const name = `${'猫'.repeat(83)}ab.png`;
    expect(Buffer.byteLength(name)).toBe(255);
    writeFileAtomically({ folder, name, bytes: Buffer.from('whole') });
    expect(readdirSync(folder)).toEqual([name]);
    let temporary = '';
    replaceFile({ folder, name, write: (path) => writeFileSync((temporary = path), 'new') }, nodeFileSystem);
    expect(temporary.length - folder.length).toBeLessThan(32);
  });

  it('is recognised by its name, including the names of earlier versions', () => {
    const earlier = ['ckpt-2', 'A photo_1', '猫', '.hidden', 'a.b'].map((stem) => `${stem}.tmp-0123456789ab`);
    for (const name of [createTemporaryName(), ...earlier])
      expect([name, isStrayTemp(name)]).toEqual([name, true]);
    for (const name of ['my.tmp-file', '.tmp-', 'a.tmp-0123456789ab.png'])
      expect(isStrayTemp(name)).toBe(false);
    const folder = makeTemporaryFolder();
    for (const name of [...earlier, 'kept.png']) writeFileSync(join(folder, name), '');
    expect(removeStrayTemps(folder).sort()).toEqual(earlier.sort());
    expect(readdirSync(folder)).toEqual(['kept.png']);
  });

  it('is removed from a folder of the user only if its process is dead', () => {
    const folder = makeTemporaryFolder();
    const own = createTemporaryName();
    const dead = own.replace(`-${process.pid}-`, `-${spawnSync(process.execPath, ['-e', '']).pid}-`);
    const foreign = own.replace(/tmp-..../, own.includes('tmp-0000') ? 'tmp-ffff' : 'tmp-0000');
    const old = 'A.tmp-0123456789ab';
    for (const name of [own, dead, foreign, old, 'photo.png']) writeFileSync(join(folder, name), '');
    removeAbandonedTemps(folder);
    expect(readdirSync(folder).sort()).toEqual([own, foreign, old, 'photo.png'].sort());
    utimesSync(join(folder, old), new Date(0), new Date(0));
    removeAbandonedTemps(folder);
    expect(readdirSync(folder).sort()).toEqual([own, foreign, 'photo.png'].sort());
  });
});
