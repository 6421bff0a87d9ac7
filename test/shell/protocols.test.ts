import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createIpcTransport } from '../../main/shell/ipcTransport.ts';
import { serveProtocols } from '../../main/shell/protocols.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { createFakeElectron, FakeWindow, toBrowserWindow } from './fakeElectron.ts';

const image = Uint8Array.of(137, 80, 78, 71);

function serve() {
  const pageFolder = join(makeTemporaryFolder(), 'renderer');
  mkdirSync(join(pageFolder, 'assets'), { recursive: true });
  writeFileSync(join(pageFolder, 'index.html'), '<html><head></head></html>');
  writeFileSync(join(pageFolder, 'assets', 'index-1.js'), 'export {};');
  writeFileSync(join(pageFolder, '..', 'secret.js'), 'secret');
  const fake = createFakeElectron();
  serveProtocols(fake.electron.protocol, {
    pageFolder,
    readMedia: (path) =>
      Promise.resolve(path === 'runs/abcdefgh/previews/5.png' ? { body: image, type: 'image/png' } : null),
  });
  return async (address: string, method = 'GET') => {
    const handler = fake.protocols.get(address.slice(0, address.indexOf(':')));
    if (!handler) throw new Error(`Nothing serves ${address}.`);
    // The constructor of Request rejects our schemes; the handler reads only these two properties.
    return handler({ url: address, method } as Request);
  };
}

describe('app://', () => {
  it('serves the page with a policy whose nonce is in its head and new at every load', async () => {
    const get = serve();
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await get('app://lab/');
        const policy = answer.headers.get('content-security-policy') ?? '';
        const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
        expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
        for (const part of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
          expect(policy).toContain(part);
        expect(await answer.text()).toContain(`<meta name="csp-nonce" content="${nonce}" />`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it('serves files at their exact address', async () => {
    const answer = await serve()('app://lab/assets/index-1.js');
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'export {};',
    ]);
  });

  it.each([
    'app://lab/secret.js',
    'app://lab/../secret.js',
    'app://lab/assets/..%2f..%2fsecret.js',
    'app://lab/assets/%2e%2e/%2e%2e/secret.js',
    'app://lab/assets',
    'app://other/',
    'app://lab/etc/passwd',
  ])('does not serve %s', async (address) => {
    expect((await serve()(address)).status).toBe(404);
  });

  it('rejects every method other than GET', async () => {
    expect((await serve()('app://lab/', 'POST')).status).toBe(404);
  });
});

describe('lab-media://', () => {
  it('serves images of the laboratory to our page only', async () => {
    const answer = await serve()('lab-media://lab/runs/abcdefgh/previews/5.png');
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(image);
    expect(answer.headers.get('access-control-allow-origin')).toBe('app://lab');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('rejects every method other than GET', async () => {
    expect((await serve()('lab-media://lab/runs/abcdefgh/previews/5.png', 'POST')).status).toBe(404);
  });

  it('does not serve unknown images', async () => {
    const get = serve();
    expect((await get('lab-media://lab/runs/abcdefgh/previews/6.png')).status).toBe(404);
    expect((await get('lab-media://lab/runs/..%2f..%2fsecret')).status).toBe(404);
  });
});

/** Connects a transport to a window, with one channel that answers 42. */
function connectWindow() {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  const listener = vi.fn();
  const transport = createIpcTransport(fake.electron.ipcMain, () => toBrowserWindow(window), listener);
  const answer = vi.fn(() => Promise.resolve({ ok: true as const, value: 42 }));
  transport.handle('system.info', answer);
  const ask = fake.handlers.get('lab:system.info');
  if (!ask) throw new Error('The channel has no handler.');
  return { window, transport, listener, answer, ask };
}

describe('requests over IPC', () => {
  it('from the main frame of our own page are answered', async () => {
    const { window, ask, answer } = connectWindow();
    const senderFrame = window.webContents.mainFrame;
    expect(await ask({ senderFrame }, { a: 1 })).toEqual({ ok: true, value: 42 });
    expect(answer).toHaveBeenCalledWith({ a: 1 });
  });

  it.each([
    ['another frame of our page', { url: 'app://lab/' }],
    ['a frame that is gone', null],
  ])('from %s are rejected', async (_who, senderFrame) => {
    const { ask, answer } = connectWindow();
    expect(await ask({ senderFrame }, {})).toMatchObject({ ok: false });
    expect(answer).not.toHaveBeenCalled();
  });

  it('from our window at a foreign address are rejected', async () => {
    const { window, ask, answer } = connectWindow();
    window.webContents.mainFrame.url = 'https://evil.org/';
    expect(await ask({ senderFrame: window.webContents.mainFrame }, {})).toMatchObject({
      ok: false,
    });
    expect(answer).not.toHaveBeenCalled();
  });
});

describe('events over IPC', () => {
  it('reach the window and the shell, or only the shell if the window is gone', () => {
    const { window, transport, listener } = connectWindow();
    transport.send('runs.listChanged', null);
    expect(window.webContents.sent).toEqual([['lab:event', 'runs.listChanged', null]]);
    window.webContents.isDestroyed = () => true;
    transport.send('runs.listChanged', null);
    expect(window.webContents.sent).toHaveLength(1);
    expect(listener).toHaveBeenCalledTimes(2);
  });
});
