import { describe, expect, it } from 'vitest';
import { packBytes } from '../../shared/contract/bytesBody.ts';
import { type Example, send, startExample } from './startExample.ts';

const binary = { 'content-type': 'application/octet-stream' };

async function start(): Promise<Example & { readonly received: unknown[] }> {
  const example = await startExample();
  const received: unknown[] = [];
  example.transport.handle('pictures.add', (input) => {
    received.push(input);
    return Promise.resolve({ ok: true, value: null });
  });
  return { ...example, received };
}

function body(json: string, bytes: Uint8Array = new Uint8Array(0), length = json.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(length);
  return Buffer.concat([head, Buffer.from(json, 'latin1'), bytes]);
}

function post(example: Example, path: string, from: { body: Buffer | string; headers?: object }) {
  return example.ask(path, { method: 'POST', body: from.body, headers: { ...binary, ...from.headers } });
}

describe('a request with bytes', () => {
  it('arrives byte for byte, with names in any script', async () => {
    const example = await start();
    const bytes = Uint8Array.from({ length: 3000 }, (_, index) => index % 256);
    const input = { name: 'Fähre 渡し船 🛥 "\\.png', width: 10, height: 100, bytes };
    const reply = await post(example, '/api/pictures.add', { body: Buffer.concat(packBytes(input)) });
    expect([reply.status, reply.text]).toEqual([200, '{"ok":true,"value":null}']);
    expect(reply.headers['cache-control']).toBe('no-store');
    const [{ bytes: arrived, ...rest }] = example.received as [typeof input];
    expect(rest).toEqual({ name: input.name, width: 10, height: 100 });
    expect([arrived instanceof Uint8Array, Buffer.from(arrived).equals(bytes)]).toEqual([true, true]);
  });

  it('may be larger than a request in JSON', async () => {
    const example = await start();
    const large = body('{}', new Uint8Array(3_000_000));
    expect((await post(example, '/api/pictures.add', { body: large })).status).toBe(200);
    const other = await post(example, '/api/example', {
      body: JSON.stringify('x'.repeat(3_000_000)),
      headers: { 'content-type': 'application/json' },
    });
    expect(other.status).toBe(413);
  });

  it('is rejected before it is read if it exceeds 128 MiB plus its description', async () => {
    const { ask } = await start();
    const headers = { ...binary, 'content-length': String(128 * 2 ** 20 + 1_000_001) };
    const reply = await ask('/api/pictures.add', { method: 'POST', headers, isHeadOnly: true });
    expect(reply.status).toBe(413);
  });

  it.each([
    ['an empty body', Buffer.alloc(0)],
    ['half a length', Buffer.from([1, 0])],
    ['a length beyond its end', body('{}', undefined, 3)],
    ['a huge length', body('{}', undefined, 0xffffffff)],
    ['a long description', body(JSON.stringify({ name: 'x'.repeat(20_000) }))],
    ['no JSON', body('{"name":')],
    ['a list', body('[]')],
    ['null', body('null')],
    ['bytes twice', body('{"bytes":[1]}')],
  ])('with %s is rejected with what was found', async (_what, broken) => {
    const example = await start();
    const reply = await post(example, '/api/pictures.add', { body: broken });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toMatchObject({ ok: false, failure: { code: 'invalid' } });
    expect(reply.text).toMatch(/found|empty/);
    expect(example.received).toEqual([]);
  });

  it('is accepted only by channels for bytes, which accept nothing else', async () => {
    const example = await start();
    expect((await post(example, '/api/example', { body: body('{}') })).status).toBe(415);
    const json = { body: '{"width":1}', headers: { 'content-type': 'application/json' } };
    expect((await post(example, '/api/pictures.add', json)).status).toBe(415);
    expect([example.asked, example.received]).toEqual([[], []]);
  });

  it('needs the same session, origin and host as any other', async () => {
    const example = await start();
    const refusedHeaders = [
      { cookie: undefined },
      { origin: 'http://evil.org' },
      { origin: undefined },
      { host: 'evil.org' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of refusedHeaders) {
      const reply = await post(example, '/api/pictures.add', { body: body('{}'), headers });
      expect(reply.status).toBe(403);
    }
    const get = await send(example.port, { path: '/api/pictures.add', method: 'GET', headers: {} });
    expect(get.status).not.toBe(200);
    expect(example.received).toEqual([]);
  });
});
