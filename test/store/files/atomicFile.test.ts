import { spawnSync } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
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
import { nodeFileSystem } from '../../../main/store/files/fileSystem.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

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
    const [foreign, old] = [
      own.replace(/tmp-..../, own.includes('tmp-0000') ? 'tmp-ffff' : 'tmp-0000'),
      'A.tmp-0123456789ab',
    ];
    for (const name of [own, dead, foreign, old, 'photo.png']) writeFileSync(join(folder, name), '');
    removeAbandonedTemps(folder);
    expect(readdirSync(folder).sort()).toEqual([own, foreign, old, 'photo.png'].sort());
    utimesSync(join(folder, old), new Date(0), new Date(0));
    removeAbandonedTemps(folder);
    expect(readdirSync(folder).sort()).toEqual([own, foreign, 'photo.png'].sort());
  });
});
