import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRefusal } from '../../main/server/accessRules.ts';
import { handshake, send, sendRaw, startExample } from './startExample.ts';

const foreignHosts = [
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example:80',
  '192.168.1.7',
  '%',
];
const everyRoute: readonly (readonly [string, string])[] = [
  ['GET', '/'],
  ['GET', '/assets/index-1.js'],
  ['GET', '/media/runs/aaaaaaaa/previews/1.png'],
  ['GET', '/nowhere'],
  ['POST', '/api/example'],
  ['POST', '/link'],
];

describe('access to the server', () => {
  it('is possible only at the loopback address', async () => {
    const { server } = await startExample();
    expect(server.createLink()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    await expect(send(server.port, { path: '/', method: 'GET' })).resolves.toBeTruthy();
    const { networkInterfaces } = await import('node:os');
    const external = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && !address.internal && address.family === 'IPv4');
    if (!external) return;
    await expect(fetch(`http://${external.address}:${server.port}/`)).rejects.toThrow();
  });

  it.each(everyRoute)('is denied with 403 for a foreign Host: %s %s', async (method, path) => {
    const { ask, asked } = await startExample();
    for (const host of foreignHosts) {
      const reply = await ask(path, {
        method,
        headers: { host },
        body: method === 'POST' ? '{}' : undefined,
      });
      expect([host, reply.status]).toEqual([host, 403]);
    }
    expect(asked).toEqual([]);
  });

  it('is denied for an HTTP/1.0 request without a host', async () => {
    const { port } = await startExample();
    expect(await sendRaw(port, 'GET / HTTP/1.0\r\n\r\n')).toContain('403');
  });

  it('is granted for every name of the loopback address and any port, as through a tunnel', async () => {
    const { ask } = await startExample();
    for (const host of ['127.0.0.1:9', 'localhost', 'LOCALHOST:65535', '[::1]:4780']) {
      const origin = `http://${host.toLowerCase()}`;
      const reply = await ask('/api/example', { method: 'POST', headers: { host, origin }, body: '{}' });
      expect([host, reply.status]).toEqual([host, 200]);
    }
  });

  it.each(everyRoute)('is denied with 403 for the Origin of another page: %s %s', async (method, path) => {
    const { ask, asked, port } = await startExample();
    const origins = ['http://evil.example', 'null', `http://localhost:${port}`, `https://127.0.0.1:${port}`];
    for (const origin of [...origins, 'http://127.0.0.1:1']) {
      const reply = await ask(path, {
        method,
        headers: { origin },
        body: method === 'POST' ? '{}' : undefined,
      });
      expect([origin, reply.status]).toEqual([origin, 403]);
    }
    expect(asked).toEqual([]);
  });

  it('is denied for a POST without an Origin or from another site', async () => {
    const { ask, asked } = await startExample();
    const post = { method: 'POST', body: '{}' };
    expect((await ask('/api/example', { ...post, headers: { origin: undefined } })).status).toBe(403);
    for (const site of ['cross-site', 'same-site']) {
      const reply = await ask('/api/example', { ...post, headers: { 'sec-fetch-site': site } });
      expect(reply.status).toBe(403);
      expect(reply.text).toContain('"ok":false');
    }
    expect(asked).toEqual([]);
  });

  it('is denied for images and scripts that another site embeds', async () => {
    const { ask } = await startExample();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    for (const path of ['/media/runs/aaaaaaaa/previews/1.png', '/assets/index-1.js', '/']) {
      expect((await ask(path, { headers })).status).toBe(403);
    }
  });

  it.each(everyRoute)('is denied with 403 without a session: %s %s', async (method, path) => {
    const { ask, asked } = await startExample({ isSignedIn: false });
    const reply = await ask(path, { method, body: method === 'POST' ? '{}' : undefined });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('npm start');
    expect(asked).toEqual([]);
  });

  it('is denied for forged cookies', async () => {
    const { ask } = await startExample();
    for (const value of ['', 'a', 'a.b', '.', `${'a'.repeat(22)}.${'b'.repeat(43)}`]) {
      expect((await ask('/', { headers: { cookie: `lab-example=${value}` } })).status).toBe(403);
    }
  });
});

describe('the socket of events', () => {
  it('opens only for the page itself', async () => {
    const { ask, port } = await startExample();
    const own = { ...handshake, origin: `http://127.0.0.1:${port}` };
    expect((await ask('/events', { headers: own })).status).toBe(101);
    const refused = [
      { ...own, origin: 'http://evil.example' },
      { ...own, origin: undefined },
      { ...own, host: 'evil.example', origin: 'http://evil.example' },
      { ...own, cookie: undefined },
      { ...own, 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of refused) expect((await ask('/events', { headers })).status).toBe(403);
  });

  it('does not exist at other paths', async () => {
    const { ask, port } = await startExample();
    const own = { ...handshake, origin: `http://127.0.0.1:${port}` };
    for (const path of ['/', '/api/example', '/nowhere']) {
      expect((await ask(path, { headers: own })).status).toBe(404);
    }
  });
});

describe('findRefusal', () => {
  const refusalFor = (headers: Record<string, string | undefined>, method = 'GET', opensPage = false) =>
    findRefusal({ method, opensPage, headers, port: 4780 });

  it('rejects every host that is not a name of the loopback address', () => {
    const names = fc.oneof(fc.domain(), fc.ipV4(), fc.string());
    const isOwn = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;
    fc.assert(
      fc.property(names, (host) => {
        fc.pre(!isOwn.test(host));
        expect(refusalFor({ host })).toContain('ssh -L');
      }),
    );
  });

  it('explains behind a reverse proxy what is not supported and how to reach the page instead', () => {
    const tunnel = 'ssh -L 4780:127.0.0.1:4780 user@machine. Then open the link that "npm start" printed.';
    const byName = refusalFor({ host: 'hub.example.org' });
    expect(byName).toContain('opened under the name "hub.example.org"');
    expect(byName).toContain('reverse proxies and other names of this machine are not supported');
    expect(byName).toContain(tunnel);
    const byPost = refusalFor({ host: '127.0.0.1:4780', origin: 'https://hub.example.org' }, 'POST');
    expect(byPost).toContain('This request comes from https://hub.example.org');
    expect(byPost).toContain(tunnel);
  });

  it('allows a link on another site to open the page, but nothing else', () => {
    const headers = { host: 'localhost:1', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(refusalFor(headers, 'GET', true)).toBeNull();
    expect(refusalFor(headers, 'GET', false)).not.toBeNull();
    expect(refusalFor({ ...headers, 'sec-fetch-mode': 'cors' }, 'GET', true)).not.toBeNull();
  });

  it('requires an Origin for every method other than GET', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
      expect(refusalFor({ host: 'localhost' }, method)).not.toBeNull();
      expect(refusalFor({ host: 'localhost', origin: 'http://localhost' }, method)).toBeNull();
    }
  });
});
