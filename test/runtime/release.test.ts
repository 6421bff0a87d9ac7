import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  checkTag,
  collectFiles,
  describeRelease,
  findReleaseNotes,
  mergeUpdateFiles,
  moveUnreleased,
  packagedProgram,
  startPackaged,
} from '../../main/runtime/release.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const changelog = [
  '# Changelog',
  '',
  '## Unreleased',
  '',
  '## [0.2.0] - 2026-11-30',
  '',
  '### Added',
  '',
  '- Something.',
  '',
  '## 0.1.0',
  '',
  'First.',
  '',
].join('\n');

describe('the release notes', () => {
  it('are the section of the version, without its heading and its neighbours', () => {
    expect(findReleaseNotes(changelog, '0.2.0')).toBe('### Added\n\n- Something.');
    expect(findReleaseNotes(changelog, '0.1.0')).toBe('First.');
  });

  it('are the same if Git has changed the line ends', () => {
    expect(findReleaseNotes(changelog.replaceAll('\n', '\r\n'), '0.2.0')).toBe('### Added\n\n- Something.');
  });

  it('are required: a version without a section, or with an empty one, is refused with what to do', () => {
    expect(() => findReleaseNotes(changelog, '0.3.0')).toThrow(
      'CHANGELOG.md has no section 0.3.0 (found: Unreleased, [0.2.0] - 2026-11-30, 0.1.0). Move the entries',
    );
    expect(() => findReleaseNotes(changelog, 'Unreleased')).toThrow(/is empty/);
  });
});

describe('the changelog of a new version', () => {
  const unreleased = changelog.replace('## Unreleased\n', '## Unreleased\n\n### Fixed\n\n- This.\n');

  it('has what was unreleased under the version and its date, and an empty section for what comes next', () => {
    const moved = moveUnreleased(unreleased, '0.3.0', '2026-12-01');
    expect(moved).toContain('## Unreleased\n\n## 0.3.0 - 2026-12-01\n\n### Fixed\n\n- This.\n\n## [0.2.0]');
    expect(findReleaseNotes(moved, '0.3.0')).toBe('### Fixed\n\n- This.');
  });

  it('is refused for a version that was released, one that is none, and if nothing has changed', () => {
    expect(() => moveUnreleased(unreleased, '0.2.0', '')).toThrow(/has a section 0\.2\.0 already/);
    expect(() => moveUnreleased(unreleased, 'v3', '')).toThrow(/The version is "v3"; three numbers/);
    expect(() => moveUnreleased(changelog, '0.3.0', '')).toThrow(/is empty/);
  });

  it('can be made of the changelog of this project', () => {
    const text = readFileSync(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
    const moved = moveUnreleased(text, '999.0.0', '2026-12-01');
    expect(findReleaseNotes(moved, '999.0.0').length).toBeGreaterThan(100);
  });
});

describe('the tag of a release', () => {
  it('is v and the version of package.json', () => {
    expect(() => checkTag('v0.2.0', '0.2.0')).not.toThrow();
    expect(() => checkTag('v0.2.1', '0.2.0')).toThrow(
      'The tag is v0.2.1, but package.json has version 0.2.0',
    );
  });
});

describe('the files of a release', () => {
  const describeMac = (arch: string, version = '0.2.0') =>
    `version: ${version}\nfiles:\n  - url: lab-${arch}.zip\n    sha512: ${arch}\npath: lab-${arch}.zip\n`;

  /** Writes the packages of systems as the workflow downloads them: a folder for each. */
  function writePackages(files: Readonly<Record<string, string>>): string {
    const folder = makeTemporaryFolder();
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  it('are those of all systems in one folder, with a checksum for each', () => {
    const from = writePackages({
      'linux/lab.AppImage': 'linux',
      'linux/latest-linux.yml': 'version: 0.2.0',
      'linux/builder-debug.yml': 'of electron-builder',
      'mac/lab-arm64.zip': 'arm',
      'mac/latest-mac.yml': describeMac('arm64'),
      'intel/latest-mac.yml': describeMac('x64'),
    });
    const to = join(makeTemporaryFolder(), 'release');
    const names = ['lab-arm64.zip', 'lab.AppImage', 'latest-linux.yml', 'latest-mac.yml'];
    expect(collectFiles(from, to)).toEqual([...names, 'SHA256SUMS']);
    expect(readdirSync(to).sort()).toEqual(['SHA256SUMS', ...names].sort());
    const sums = readFileSync(join(to, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    const expected = names.map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(to, name)))
          .digest('hex')}  ${name}`,
    );
    expect(sums).toEqual(expected);
  });

  it('are refused if there are none, or two with one name', () => {
    expect(() => collectFiles(makeTemporaryFolder(), join(makeTemporaryFolder(), 'to'))).toThrow(
      /No installers/,
    );
    const from = writePackages({ 'a/lab.exe': 'one', 'b/lab.exe': 'other' });
    expect(() => collectFiles(from, join(makeTemporaryFolder(), 'to'))).toThrow(
      /Two files are called lab\.exe/,
    );
  });

  it('describe Macs of both processors in one file for the updater', () => {
    const merged: unknown = parse(mergeUpdateFiles(describeMac('arm64'), describeMac('x64')));
    expect(merged).toMatchObject({
      version: '0.2.0',
      files: [
        { url: 'lab-arm64.zip', sha512: 'arm64' },
        { url: 'lab-x64.zip', sha512: 'x64' },
      ],
    });
    expect(() => mergeUpdateFiles(describeMac('arm64'), describeMac('x64', '0.1.0'))).toThrow(
      'of versions 0.2.0 and 0.1.0',
    );
  });
});

describe('packages of a release', () => {
  const repository = { GITHUB_REPOSITORY: 'someone/lab' };

  it('know where new versions are published, their notes, and a maintainer', () => {
    expect(describeRelease(repository, 'linux', 'notes')).toMatchObject({
      publish: { provider: 'github', owner: 'someone', repo: 'lab' },
      releaseInfo: { releaseNotes: 'notes' },
      extraMetadata: {
        homepage: 'https://github.com/someone/lab',
        author: { email: 'someone@users.noreply.github.com' },
        isSigned: false,
      },
    });
  });

  it.each([
    ['linux', { CSC_LINK: 'x' }, false],
    ['darwin', {}, false],
    ['darwin', { CSC_LINK: '' }, false],
    ['darwin', { CSC_LINK: 'x' }, true],
    ['win32', { WIN_CSC_LINK: 'x' }, true],
    ['win32', { CSC_NAME: 'x' }, false],
  ] as const)('on %s with %o are signed: %s', (platform, certificates, isSigned) => {
    const release = describeRelease({ ...repository, ...certificates }, platform, '');
    expect(release.extraMetadata).toMatchObject({ isSigned });
  });

  it('are refused without a repository', () => {
    expect(() => describeRelease({}, 'linux', '')).toThrow(/GITHUB_REPOSITORY is ""; owner\/name/);
  });
});

describe('the packaged program', () => {
  it.each([
    ['linux', 'x64', 'linux-unpacked/sparse-field-lab'],
    ['linux', 'arm64', 'linux-arm64-unpacked/sparse-field-lab'],
    ['win32', 'x64', 'win-unpacked/Sparse Field Lab.exe'],
    ['darwin', 'x64', 'mac/Sparse Field Lab.app/Contents/MacOS/Sparse Field Lab'],
    ['darwin', 'arm64', 'mac-arm64/Sparse Field Lab.app/Contents/MacOS/Sparse Field Lab'],
  ] as const)('of %s on %s is where electron-builder puts it', (platform, arch, path) => {
    expect(packagedProgram('/out', platform, arch)).toBe(join('/out', path));
  });

  /** Writes a program that prints `line`, the last argument it got, and ends with `code`. */
  function writeProgram(line: string, code: number): string {
    const file = join(makeTemporaryFolder(), 'program');
    writeFileSync(file, `#!/bin/sh\necho noise\necho "${line}"\necho why >&2\nexit ${code}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it.skipIf(process.platform === 'win32')('passes if it ends with status 0 and says so', async () => {
    expect(await startPackaged(writeProgram('Smoke test passed. $1', 0))).toBe('Smoke test passed. --smoke');
  });

  it.skipIf(process.platform === 'win32')('fails with the reason and the end of its log', async () => {
    const failing = startPackaged(writeProgram('Smoke test failed. No page.', 1));
    await expect(failing).rejects.toThrow('Smoke test failed. No page.\nwhy');
  });

  it.skipIf(process.platform === 'win32')('fails if it says nothing, even with status 0', async () => {
    await expect(startPackaged(writeProgram('hello', 0))).rejects.toThrow(/printed no result \(status 0\)/);
  });

  it('is missing until the application is packaged', async () => {
    await expect(startPackaged(join(makeTemporaryFolder(), 'lab'))).rejects.toThrow(
      /npm run package -- --dir/,
    );
  });
});
