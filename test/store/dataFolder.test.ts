import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  inpaintingFolder,
  isRunId,
  maskFile,
  imageFile,
  reportFolder,
  resolveDataFolder,
  runFolder,
  trashFolder,
} from '../../main/store/dataFolder.ts';
import type { Environment } from '../../main/store/dataFolder.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

function createEnvironment(
  home: string,
  variables: Environment['variables'] = {},
  platform: NodeJS.Platform = 'linux',
): Environment {
  return { platform, variables, homeFolder: () => home };
}

describe('resolveDataFolder', () => {
  it('prefers the option, then SPARSE_FIELD_LAB_DATA, then XDG_DATA_HOME, then ~/.local/share', () => {
    const home = makeTemporaryFolder();
    const variables = { SPARSE_FIELD_LAB_DATA: join(home, 'lab'), XDG_DATA_HOME: join(home, 'xdg') };
    const xdg = { XDG_DATA_HOME: variables.XDG_DATA_HOME };
    expect(resolveDataFolder(join(home, 'option'), createEnvironment(home, variables))).toBe(
      join(home, 'option'),
    );
    expect(resolveDataFolder(undefined, createEnvironment(home, variables))).toBe(join(home, 'lab'));
    expect(resolveDataFolder(undefined, createEnvironment(home, xdg))).toBe(
      join(home, 'xdg', 'sparse-field-lab'),
    );
    expect(resolveDataFolder(undefined, createEnvironment(home))).toBe(
      join(home, '.local/share/sparse-field-lab'),
    );
  });

  it('creates the folder and returns an absolute path', () => {
    const folder = join(makeTemporaryFolder(), 'a', 'b');
    const relative = folder.slice(resolve('/').length);
    expect(existsSync(resolveDataFolder(folder))).toBe(true);
    expect(resolveDataFolder(join(resolve('/'), relative, '..', 'b'))).toBe(folder);
  });

  it('ignores empty values and a relative XDG_DATA_HOME', () => {
    const home = makeTemporaryFolder();
    const variables = { SPARSE_FIELD_LAB_DATA: '', XDG_DATA_HOME: 'relative' };
    expect(resolveDataFolder('', createEnvironment(home, variables))).toBe(
      join(home, '.local/share/sparse-field-lab'),
    );
  });

  it('follows the conventions of macOS and Windows', () => {
    const home = makeTemporaryFolder();
    const local = { LOCALAPPDATA: join(home, 'Local') };
    expect(resolveDataFolder(undefined, createEnvironment(home, {}, 'darwin'))).toBe(
      join(home, 'Library', 'Application Support', 'sparse-field-lab'),
    );
    expect(resolveDataFolder(undefined, createEnvironment(home, local, 'win32'))).toBe(
      join(home, 'Local', 'sparse-field-lab'),
    );
    expect(resolveDataFolder(undefined, createEnvironment(home, {}, 'win32'))).toBe(
      join(home, 'AppData', 'Local', 'sparse-field-lab'),
    );
  });

  it('reports the next step if the account has no home folder', () => {
    const homeless: Environment = {
      platform: 'linux',
      variables: {},
      homeFolder: () => {
        throw new Error('no such user');
      },
    };
    expect(() => resolveDataFolder(undefined, homeless)).toThrow(
      /no home folder.*HOME.*SPARSE_FIELD_LAB_DATA/,
    );
    expect(() => resolveDataFolder(undefined, createEnvironment(''))).toThrow(
      /no home folder.*HOME.*SPARSE_FIELD_LAB_DATA/,
    );
  });

  it('reports the next step if the path is a file or inside one', () => {
    const file = join(makeTemporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => resolveDataFolder(file)).toThrow(/cannot be used.*--data-dir/);
    expect(() => resolveDataFolder(join(file, 'lab'))).toThrow(/cannot be used.*--data-dir/);
  });

  it.runIf(existsSync('/proc/self'))('rejects paths where no folder can be created, without waiting', () => {
    expect(() => resolveDataFolder('/proc/lab/data')).toThrow(/\/proc\/lab\/data cannot be used.*--data-dir/);
  });
});

describe('paths in the data folder', () => {
  it('are built only from valid run IDs, so that no text leads outside', () => {
    expect(runFolder('/data', 'abcdefg7')).toBe(join('/data', 'runs', 'abcdefg7'));
    expect(trashFolder('/data', 'abcdefg7')).toBe(join('/data', 'trash', 'abcdefg7'));
    for (const text of [
      '',
      '..',
      '../abcde',
      'abcdefg',
      'abcdefgh2',
      'ABCDEFGH',
      'abcdefg1',
      'abcdefg\0',
      'abcdefg/',
      'abcdefgh\n',
    ]) {
      expect(isRunId(text)).toBe(false);
      expect(() => runFolder('/data', text)).toThrow(/8 characters of a-z and 2-7 expected/);
      for (const folderOf of [trashFolder, inpaintingFolder, reportFolder]) {
        expect(() => folderOf('/data', text)).toThrow(/8 characters of a-z and 2-7 expected/);
      }
    }
  });

  it('are built only from the hash of the content for images and masks', () => {
    expect(imageFile('/data', '0123456789abcdef')).toBe(join('/data', 'pictures', '0123456789abcdef.png'));
    expect(maskFile('/data', '0123456789abcdef')).toBe(join('/data', 'masks', '0123456789abcdef.png'));
    const foreign = [
      '',
      '../../../../lab',
      '0123456789abcde',
      '0123456789ABCDEF',
      '0123456789abcde\0',
      '0123456789abcdef\n',
    ];
    for (const text of foreign) {
      for (const fileOf of [imageFile, maskFile])
        expect(() => fileOf('/data', text)).toThrow(/16 characters of 0-9 and a-f expected/);
    }
  });
});
