import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { startProgram } from './startLab.ts';

describe('npm run lab', () => {
  it.skipIf(process.platform === 'win32')('prints nothing but JSON on stdout with --json', async () => {
    // Without the set-up before it: whoever runs the tests has done it.
    const words = ['run', 'lab', '--ignore-scripts', '--', 'runs', '--json'];
    const npm = startProgram('npm', [...words, '--data-dir', makeTemporaryFolder()]);
    expect(await npm.ended).toBe(0);
    expect(npm.stdout()).toBe('{"runs":[]}\n');
  });
});
