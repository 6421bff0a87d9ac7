import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveProtocols } from '../../main/shell/protocols.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { createFakeElectron } from '../support/fakeElectron.ts';

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
