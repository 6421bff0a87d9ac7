import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { startProgram } from './startLab.ts';

const root = resolve(import.meta.dirname, '../..');

describe('npm run lab', () => {
  it.skipIf(process.platform === 'win32')('prints nothing but JSON on stdout with --json', async () => {
    // Without the set-up, which has already run before the tests.
    const words = ['run', 'lab', '--ignore-scripts', '--', 'runs', '--json'];
    const npm = startProgram('npm', [...words, '--data-dir', makeTemporaryFolder()]);
    expect(await npm.ended).toBe(0);
    expect(npm.stdout()).toBe('{"runs":[]}\n');
  });

  it.skipIf(process.platform === 'win32')(
    'resolves relative paths from the folder it was called in',
    async () => {
      const folder = makeTemporaryFolder();
      const words = ['--prefix', root, 'run', 'lab', '--ignore-scripts', '--', 'runs', '--data-dir', 'mine'];
      const npm = startProgram('npm', words, folder);
      expect(await npm.ended).toBe(1);
      expect(npm.stderr()).toContain(`No data folder at ${join(realpathSync(folder), 'mine')}.`);
    },
  );
});
