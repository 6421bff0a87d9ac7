/** A data folder that is open in a window, used by other processes. */

import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { buildPage } from '../../main/runtime/buildApp.ts';
import { smallOptions, writeImages } from '../jobs/smallRun.ts';
import { startChild } from '../store/children/startChild.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';
import { startLab } from './startLab.ts';

describe('while a window holds the data folder', () => {
  beforeEach(() => {
    vi.stubEnv('SPARSE_FIELD_LAB_CONFIG', makeTemporaryFolder());
    vi.stubEnv('CI', 'true');
    return () => vi.unstubAllEnvs();
  });

  it('a server is refused with the window’s process ID and the next step, and starts once the window is gone', async () => {
    await buildPage(() => undefined);
    const folder = makeTemporaryFolder();
    const window = startChild('holdDataFolder.ts', folder, 'window');
    await window.waitFor('held by');
    const refused = startLab('app', '--browser', '--data-dir', folder);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toContain(`open in a window by process ${window.process.pid}`);
    expect(refused.stderr()).toContain('Use that window, or quit it first');
    expect(refused.stdout()).toBe('');
    await window.kill();
    const server = startLab('app', '--browser', '--data-dir', folder);
    await server.waitFor('Ctrl-C pauses');
    server.child.kill('SIGINT');
    expect(await server.ended).toBe(0);
  });

  it('terminal commands can still train and read', async () => {
    const folder = makeTemporaryFolder();
    const window = startChild('holdDataFolder.ts', folder, 'window');
    await window.waitFor('held by');
    const source = await writeImages(join(folder, 'source'));
    const trained = await runLab(
      'train',
      '--name',
      'second',
      ...smallOptions(source),
      '--set',
      'train.steps=2',
      '--data-dir',
      folder,
    );
    expect(trained.stderr).not.toContain('refused');
    expect(trained.code).toBe(0);
    const { code, stdout } = await runLab('runs', '--data-dir', folder);
    expect([code, stdout.includes('second')]).toEqual([0, true]);
    expect(window.process.exitCode).toBeNull();
  });
});
