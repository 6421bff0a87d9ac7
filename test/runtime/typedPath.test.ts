import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  callerFolder,
  describeMissing,
  type PathContext,
  readTypedPath,
  requireFile,
  resolveTypedPath,
} from '../../main/runtime/typedPath.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const context: PathContext = { platform: 'linux', folder: '/here', homeFolder: () => '/home/me' };
/** The context of files that exist. */
const onThisSystem: PathContext = { ...context, platform: process.platform };

describe('a typed path', () => {
  it.each([
    ['a/b.png', '/here/a/b.png'],
    ['./a/../b/', '/here/b'],
    ['.', '/here'],
    ['/abs//x/', '/abs/x'],
    ['~', '/home/me'],
    ['~/x y', '/home/me/x y'],
    ['$HOME/x', '/home/me/x'],
    ['${HOME}/x', '/home/me/x'],
    ['$HOMEWORK/x', '/here/$HOMEWORK/x'],
    ['a~b', '/here/a~b'],
    [' /a/b ', '/a/b'],
    ['"/a b/c"', '/a b/c'],
    ["'~/c'", '/home/me/c'],
    ['file:///a%20b/c.png', '/a b/c.png'],
    ['file://localhost/a', '/a'],
  ])('"%s" means %s', (text, path) => {
    expect(resolveTypedPath(text, context)).toBe(path);
  });

  it.each([
    ['a/b.png', 'C:\\here\\a\\b.png'],
    ['..\\x', 'C:\\x'],
    ['D:/y', 'D:\\y'],
    ['~/x', 'C:\\Users\\me\\x'],
    ['"C:\\a b\\c"', 'C:\\a b\\c'],
    ['file:///C:/a%20b/c.png', 'C:\\a b\\c.png'],
    ['\\\\server\\share\\c.png', '\\\\server\\share\\c.png'],
  ])('"%s" means %s on Windows', (text, path) => {
    const windows = { platform: 'win32', folder: 'C:\\here', homeFolder: () => 'C:\\Users\\me' } as const;
    expect(resolveTypedPath(text, windows)).toBe(path);
  });

  it.each([
    ['', /path is empty/],
    ['  ', /path is empty/],
    ['~anna/x', /not that of "anna".*\.\/~anna\/x/],
    ['file://server/share', /does not name a file of this machine/],
    ['C:\\Users\\me', /path of Windows/],
    ['猫'.repeat(86), /258 bytes; at most 255 are possible/],
    [`${'long/'.repeat(1000)}`, /5005 bytes; at most 4060 are possible/],
  ])('"%s" is rejected with a reason', (text, message) => {
    expect(() => resolveTypedPath(text, context)).toThrow(message);
  });

  it('that starts with ~ is rejected if the account has no home folder', () => {
    const homeless = { ...context, homeFolder: () => null };
    expect(() => resolveTypedPath('~/x', homeless)).toThrow(/no home folder/);
    expect(resolveTypedPath('x', homeless)).toBe('/here/x');
  });

  it('means the file of exactly this name if it exists, including quotes and spaces', () => {
    const folder = makeTemporaryFolder();
    // Windows allows neither in the last place, nor double quotes.
    const name = process.platform === 'win32' ? " 'odd'" : ' "odd" ';
    writeFileSync(join(folder, name), '');
    expect(resolveTypedPath(name, { ...onThisSystem, folder })).toBe(join(folder, name));
    mkdirSync(join(folder, '~'));
    expect(resolveTypedPath('~', { ...onThisSystem, folder })).toBe(resolve('/home/me'));
  });

  it('means a folder if it ends with a slash', () => {
    expect(readTypedPath('new/', context)).toEqual({ path: '/here/new', isFolder: true });
    expect(readTypedPath('"new/"', context).isFolder).toBe(true);
    expect(readTypedPath('new', context).isFolder).toBe(false);
  });
});

describe('relative paths', () => {
  /** Any existing folder with a subfolder. */
  const folder = resolve(import.meta.dirname, '..');
  const npm = {
    INIT_CWD: '/caller',
    npm_lifecycle_event: 'lab',
    npm_package_json: join(folder, 'package.json'),
  };

  it('start at the folder where npm was called if npm runs a script of this project', () => {
    expect(callerFolder(npm, folder, folder)).toBe('/caller');
    expect(callerFolder({ ...npm, npm_lifecycle_event: 'prelab' }, folder, folder)).toBe('/caller');
  });

  it('start at the current folder if the variables of npm are those of another program', () => {
    expect(callerFolder({}, folder, folder)).toBe(folder);
    expect(callerFolder({ INIT_CWD: '/caller' }, folder, folder)).toBe(folder);
    expect(callerFolder(npm, join(folder, 'support'), folder)).toBe(join(folder, 'support'));
    expect(callerFolder({ ...npm, npm_lifecycle_event: 'test' }, folder, folder)).toBe(folder);
    const other = join(folder, 'support', 'package.json');
    expect(callerFolder({ ...npm, npm_package_json: other }, folder, folder)).toBe(folder);
  });
});

describe('a path to a missing file', () => {
  it('is reported as an absolute path with the missing folder', () => {
    const folder = makeTemporaryFolder();
    const here = { ...onThisSystem, folder };
    writeFileSync(join(folder, 'file'), '');
    expect(() => requireFile('a.png', 'Check it.', here)).toThrow(
      `The file ${join(folder, 'a.png')} does not exist. Check it.`,
    );
    expect(() => requireFile('.', 'Check it.', here)).toThrow(`${folder} is a folder; a file was expected.`);
    expect(describeMissing(join(folder, 'x', 'y', 'z.png'), 'file')).toBe(
      `The file ${join(folder, 'x', 'y', 'z.png')} does not exist: ${join(folder, 'x')} is not there.`,
    );
    expect(describeMissing(join(folder, 'file', 'y', 'z.png'), 'file')).toBe(
      `The file ${join(folder, 'file', 'y', 'z.png')} does not exist: ${join(folder, 'file')} is a file, not a folder.`,
    );
  });

  // The system's administrator may read everything, and Windows has other permissions.
  it.skipIf(process.getuid === undefined || process.getuid() === 0)(
    'is not reported as missing if its folder cannot be read',
    () => {
      const folder = makeTemporaryFolder();
      mkdirSync(join(folder, 'closed'));
      chmodSync(join(folder, 'closed'), 0o000);
      expect(() => requireFile(join(folder, 'closed', 'a'), 'Check it.')).toThrow(/do not have permission/);
    },
  );
});

describe('a name that Windows cannot store', () => {
  const windows = { ...context, platform: 'win32' as const };

  it.each([
    ['out/con', 'The name con is that of a device on Windows. Choose another name.'],
    ['out/NUL.png', 'The name NUL.png is that of a device on Windows. Choose another name.'],
    [
      'results./a.png',
      'The name results. ends with a dot or a space, which Windows removes. Choose another name.',
    ],
    ['what?.png', 'The name what?.png contains ?, which Windows does not allow. Choose another name.'],
    ['b/a:b', 'The name a:b contains :, which Windows does not allow. Choose another name.'],
  ])('is refused there with the reason: %s', (path, message) => {
    expect(() => resolveTypedPath(path, windows)).toThrow(message);
    expect(resolveTypedPath(path, { ...context, platform: 'linux' })).toContain(path);
  });

  it('is not confused with similar names and drives', () => {
    for (const path of ['console/nullable.png', 'com/lpt.png', '.hidden', 'C:/out/a.png'])
      expect(() => resolveTypedPath(path, windows)).not.toThrow();
  });
});
