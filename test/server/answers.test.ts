import { describe, expect, it } from 'vitest';
import { exampleImage, openEvents, send, sendRaw, signIn, startExample } from './startExample.ts';
import { parseMessage } from '../../shared/numbers/nonFinite.ts';

describe('the link with a token', () => {
  it('opens a session only once', async () => {
    const { server, port } = await startExample();
    const { pathname, search } = new URL(server.createLink());
    const headers = { host: `127.0.0.1:${port}` };
    const first = await send(port, { path: pathname + search, method: 'GET', headers });
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^lab-example=[\w-]{22}\.[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    const second = await send(port, { path: pathname + search, method: 'GET', headers });
    expect([second.status, second.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('leads to the page if a session is open, regardless of its token', async () => {
    const { ask } = await startExample();
    const reply = await ask('/?token=used');
    expect([reply.status, reply.headers.location]).toEqual([303, '/']);
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('is not used up by a HEAD request', async () => {
    const { server, port } = await startExample();
    const { pathname, search } = new URL(server.createLink());
    const host = `127.0.0.1:${port}`;
    const head = { path: pathname + search, method: 'HEAD', headers: { host, origin: `http://${host}` } };
    expect((await send(port, head)).status).not.toBe(303);
    expect((await send(port, { ...head, method: 'GET' })).status).toBe(303);
  });

  it('opened from another site reloads the page itself, so that the strict cookie is sent', async () => {
    const { server, ask } = await startExample({ isSignedIn: false });
    const { pathname, search } = new URL(server.createLink());
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const reply = await ask(pathname + search, { headers });
    expect([reply.status, reply.headers.refresh]).toEqual([200, '0;url=/']);
  });

  it('is issued again only to callers that know the key', async () => {
    const { ask, port } = await startExample({ isSignedIn: false });
    const post = (authorization?: string) =>
      ask('/link', { method: 'POST', headers: { authorization, 'content-type': undefined } });
    for (const wrong of [undefined, 'Bearer ', 'Bearer key', 'key of the link']) {
      expect((await post(wrong)).status).toBe(403);
    }
    const reply = await post('Bearer key of the link');
    const { token } = JSON.parse(reply.text) as { token: string };
    const headers = { host: `127.0.0.1:${port}` };
    expect((await send(port, { path: `/?token=${token}`, method: 'GET', headers })).status).toBe(303);
  });

  it('opens a session that outlives the server if its key stays the same', async () => {
    const key = new Uint8Array(32).fill(7);
    const cookie = await signIn((await startExample({ sessionKey: key })).server);
    const same = await startExample({ sessionKey: key });
    expect((await same.ask('/', { headers: { cookie } })).status).toBe(200);
    const other = await startExample({ sessionKey: new Uint8Array(32).fill(8) });
    expect((await other.ask('/', { headers: { cookie } })).status).toBe(403);
  });
});

describe('the page', () => {
  it('is served with a policy that has a new nonce at every load', async () => {
    const { ask } = await startExample();
    const nonces = new Set<string>();
    for (let load = 0; load < 3; load++) {
      const { headers, text } = await ask('/');
      const policy = String(headers['content-security-policy']);
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
      expect(text).toContain(`<meta name="csp-nonce" content="${nonce}" />`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  it('and all other responses forbid sniffing, embedding and referrers', async () => {
    const { ask } = await startExample();
    for (const path of ['/', '/assets/index-1.js', '/media/runs/aaaaaaaa/previews/1.png', '/nowhere']) {
      const { headers } = await ask(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
  });

  it('consists of its own files, and no other file is served', async () => {
    const { ask, port } = await startExample();
    expect((await ask('/assets/index-1.js')).text).toBe('script');
    const suspicious = [
      '/secret.js',
      '/../secret.js',
      '/assets/../../secret.js',
      '/assets/..%2f..%2fsecret.js',
      '/%2e%2e/secret.js',
      '/assets/%2e%2e/%2e%2e/secret.js',
      '/assets',
      '/assets/',
      '//secret.js',
      '/assets/index-1.js%00.png',
      '/assets\\..\\..\\secret.js',
      '/index.js',
    ];
    for (const path of suspicious) {
      const { status, text } = await ask(path);
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain('>secret');
    }
    expect(await sendRaw(port, 'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n')).toContain(
      '403',
    );
  });
});

describe('images', () => {
  it('are served by the laboratory at their exact path', async () => {
    const { ask } = await startExample();
    const { status, headers, text } = await ask('/media/runs/aaaaaaaa/previews/1.png');
    expect([status, headers['content-type'], text]).toEqual([200, 'image/png', exampleImage.toString()]);
    for (const path of ['/media/', '/media/runs/../x.png', '/media/runs/aaaaaaaa/previews/2.png', '/media']) {
      expect((await ask(path)).status).toBe(404);
    }
  });
});

describe('requests', () => {
  it('are answered by the handler of their channel', async () => {
    const { ask, asked } = await startExample();
    const reply = await ask('/api/example', { method: 'POST', body: '{"id":"a"}' });
    expect(JSON.parse(reply.text)).toEqual({ ok: true, value: { id: 'a' } });
    expect(asked).toEqual([{ id: 'a' }]);
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  it('must be complete JSON of limited size', async () => {
    const { ask, asked } = await startExample();
    const post = (body: string, type = 'application/json') =>
      ask('/api/example', { method: 'POST', body, headers: { 'content-type': type } });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=a',
    ]) {
      expect((await post('{}', type)).status).toBe(415);
    }
    for (const body of ['{', '', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}']) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post(JSON.stringify('a'.repeat(1_100_000)))).status).toBe(413);
    expect(asked).toEqual([]);
  });

  it('to an unknown channel are answered with a failure that the page can show', async () => {
    const { ask } = await startExample();
    for (const channel of ['nothing', 'toString', '__proto__', 'example/more']) {
      const { status, text } = await ask(`/api/${channel}`, { method: 'POST', body: '{}' });
      expect(status).toBe(404);
      expect(JSON.parse(text)).toMatchObject({ ok: false, failure: { code: 'invalid' } });
    }
    expect((await ask('/api/example')).status).toBe(404);
    expect((await ask('/api/example', { method: 'PUT', body: '{}' })).status).toBe(404);
  });

  it('that throw leave the reason in the log but not in the response', async () => {
    const { ask, logged } = await startExample();
    const { status, text } = await ask('/api/broken', { method: 'POST', body: '{}' });
    expect(status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ ok: false, failure: { code: 'failed' } });
    expect(text).not.toContain('secret');
    expect(logged.join()).toContain('a secret place');
  });
});

describe('events', () => {
  it('reach every open page', async () => {
    const { server, transport, port } = await startExample();
    const cookie = await signIn(server);
    const pages = [0, 1].map(() => openEvents(port, cookie));
    const messages = pages.map(
      (page) =>
        new Promise((done) => page.addEventListener('message', ({ data }) => done(JSON.parse(String(data))))),
    );
    await Promise.all(pages.map((page) => new Promise((done) => page.addEventListener('open', done))));
    transport.send('run.preview', { runId: 'aaaaaaaa', step: 3 });
    const event = { name: 'run.preview', payload: { runId: 'aaaaaaaa', step: 3 } };
    expect(await Promise.all(messages)).toEqual([event, event]);
  });

  it('and responses keep numbers that are not finite', async () => {
    const { server, transport, port, ask } = await startExample();
    transport.handle('infinite', () => Promise.resolve({ ok: true, value: [Infinity, NaN, null, 'NaN'] }));
    const headers = { 'content-type': 'application/json' };
    const { text } = await ask('/api/infinite', { method: 'POST', headers, body: 'null' });
    expect(parseMessage(text)).toEqual({ ok: true, value: [Infinity, NaN, null, 'NaN'] });
    const page = openEvents(port, await signIn(server));
    const message = new Promise((done) =>
      page.addEventListener('message', ({ data }) => done(parseMessage(String(data)))),
    );
    await new Promise((done) => page.addEventListener('open', done));
    const at = { step: 3, processSeconds: 1, wallTime: 1e12 };
    const payload = { runId: 'aaaaaaaa', points: [{ ...at, name: 'loss', value: Infinity }] } as const;
    transport.send('run.metrics', payload);
    expect(await message).toEqual({ name: 'run.metrics', payload });
  });

  it('stop if a page sends more than any page of this application does', async () => {
    const { server, port } = await startExample();
    const page = openEvents(port, await signIn(server));
    await new Promise((done) => page.addEventListener('open', done));
    const closed = new Promise<CloseEvent>((done) => page.addEventListener('close', done));
    page.send('x'.repeat(1024));
    page.send('x'.repeat(1025));
    // RFC 6455: the message is too big.
    expect((await closed).code).toBe(1009);
  });

  it('stop when the server closes, which does not wait for open pages', async () => {
    const { server, port } = await startExample();
    const page = openEvents(port, await signIn(server));
    await new Promise((done) => page.addEventListener('open', done));
    const closed = new Promise((done) => page.addEventListener('close', done));
    const start = performance.now();
    await server.close();
    await closed;
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});
