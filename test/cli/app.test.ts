import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildPage } from '../../main/runtime/buildApp.ts';
import { hasDisplay } from '../../main/runtime/electron.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { smallConfig, smallOptions, writeImages } from '../jobs/smallRun.ts';
import { startChild } from '../store/children/startChild.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';
import { type LabProcess, startLab } from './startLab.ts';

const linkPattern = /http:\/\/127\.0\.0\.1:(\d+)\/\?token=[\w-]+/;

async function startApp(
  folder: string,
  ...args: string[]
): Promise<LabProcess & { link: string; port: number }> {
  await buildPage(() => undefined);
  const app = startLab('app', '--browser', ...args, '--data-dir', folder);
  await app.waitFor('Ctrl-C pauses');
  const [link, port] = linkPattern.exec(app.stdout()) ?? ['', ''];
  return { ...app, link, port: Number(port) };
}

describe('lab app --browser', () => {
  beforeEach(() => {
    vi.stubEnv('SPARSE_FIELD_LAB_CONFIG', makeTemporaryFolder());
    // Keeps the developer's own browser from opening.
    vi.stubEnv('CI', 'true');
    return () => vi.unstubAllEnvs();
  });

  it('prints a link to the page, prints another on a second start, and ends at Ctrl-C', async () => {
    const folder = makeTemporaryFolder();
    const app = await startApp(folder);
    const opened = await fetch(app.link, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);

    const second = startLab('app', '--browser', '--data-dir', folder);
    expect(await second.ended).toBe(0);
    expect(second.stdout()).toContain(`is already open in process ${app.child.pid}`);
    const [link] = linkPattern.exec(second.stdout()) ?? [''];
    expect(link).not.toBe(app.link);
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(303);

    app.child.kill('SIGINT');
    expect(await app.ended).toBe(0);
    expect(existsSync(join(folder, 'application.json'))).toBe(false);
  });

  it('takes over the data folder of a process that was killed', async () => {
    const folder = makeTemporaryFolder();
    const killed = await startApp(folder);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(folder, 'application.json'))).toBe(true);
    const next = await startApp(folder);
    expect((await fetch(next.link, { redirect: 'manual' })).status).toBe(303);
    next.child.kill('SIGTERM');
    expect(await next.ended).toBe(0);
  });

  it('pauses the running training with a checkpoint at Ctrl-C', async () => {
    const folder = makeTemporaryFolder();
    const { train, ...rest } = smallConfig('synthetic');
    const config = { ...rest, train: { ...train, steps: 100_000, evaluateEverySteps: 0 } };
    const app = await startApp(folder);
    const ask = await signIn(app);
    const { id } = await ask<{ id: string }>('training.create', {
      config,
      datasetId: 'synthetic',
      then: 'start',
    });
    const readRun = () => ask<{ run: { step: number } }>('runs.get', { id });
    await vi.waitUntil(async () => (await readRun()).run.step > 0, { timeout: 240_000, interval: 200 });
    app.child.kill('SIGINT');
    expect(await app.ended).toBe(0);
    expect(app.stderr()).toContain('Pausing: writing a checkpoint');
    const store = openStore(folder);
    onTestFinished(store.close);
    expect(store.findings).toEqual([]);
    expect(getRun(store.db, id).status).toBe('paused');
    expect(listCheckpointRows(store.db, id)[0].step).toBe(getRun(store.db, id).step);
  });

  it('uses the next free port by default, but refuses a taken port given with --port', async () => {
    const first = await startApp(makeTemporaryFolder());
    const next = await startApp(makeTemporaryFolder());
    expect(next.port).not.toBe(first.port);
    const refused = startLab('app', '--port', String(first.port), '--data-dir', makeTemporaryFolder());
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toContain(`Port ${first.port} is taken by another program`);
  });

  it('serves on the port given with --port and reports it as one JSON line', async () => {
    await buildPage(() => undefined);
    const port = await findFreePort();
    const app = startLab('app', '--port', String(port), '--json', '--data-dir', makeTemporaryFolder());
    await app.waitFor('"event":"serving"');
    expect(JSON.parse(app.stdout())).toMatchObject({ event: 'serving', port });
    app.child.kill('SIGINT');
    expect(await app.ended).toBe(0);
  });

  it('refuses an invalid port', async () => {
    for (const port of ['0', '65536', '80a', '-1']) {
      const { code, stderr } = await runLab('app', `--port=${port}`);
      expect([code, stderr]).toEqual([2, `lab: --port is "${port}", expected a port, 1 to 65535.\n`]);
    }
  });
});

/** Opens the link and sends requests as the page does. */
async function signIn({ link, port }: { link: string; port: number }) {
  const opened = await fetch(link, { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const origin = `http://127.0.0.1:${port}`;
  const headers = { cookie, origin, 'content-type': 'application/json' };
  return async <Value>(channel: string, input: unknown): Promise<Value> => {
    const body = JSON.stringify(input);
    const response = await fetch(`${origin}/api/${channel}`, { method: 'POST', headers, body });
    return ((await response.json()) as { value: Value }).value;
  };
}

describe('hasDisplay', () => {
  it('is true only for a display that a user of this machine can see', () => {
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
    expect(hasDisplay({}, 'linux')).toBe(false);
    expect(hasDisplay({ DISPLAY: ':0', CI: 'true' }, 'linux')).toBe(false);
    expect(hasDisplay({}, 'darwin')).toBe(true);
    expect(hasDisplay({ SSH_CONNECTION: 'from to' }, 'win32')).toBe(false);
  });
});

async function findFreePort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

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
