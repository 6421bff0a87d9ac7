/** Starts the server on a real socket with a small laboratory, and sends it requests with any headers. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { request as startRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Transport } from '../../main/ipc/parts.ts';
import { startLabServer, type LabServer } from '../../main/server/labServer.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

export interface Example {
  readonly server: LabServer;
  readonly transport: Transport;
  readonly port: number;
  /** Inputs of the requests to the channel `example`. */
  readonly asked: unknown[];
  /** Lines of the log. */
  readonly logged: string[];
  /** Sends a request with the headers of the page itself, changed by `headers`; undefined removes one. */
  ask(path: string, options?: AskOptions): Promise<Reply>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
  /** Sends the headers and waits for the answer, without a body. */
  readonly isHeadOnly?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export const exampleImage = Buffer.from('image');

export async function startExample(
  options: { sessionKey?: Uint8Array; isSignedIn?: boolean } = {},
): Promise<Example> {
  const asked: unknown[] = [];
  const logged: string[] = [];
  const { promise: connected, resolve } = Promise.withResolvers<Transport>();
  const server = await startLabServer({
    laboratory: {
      connect(transport) {
        transport.handle('example', (input) => {
          asked.push(input);
          return Promise.resolve({ ok: true, value: input });
        });
        transport.handle('broken', () => Promise.reject(new Error('a secret place')));
        resolve(transport);
        return () => undefined;
      },
      media: (path) =>
        Promise.resolve(
          path === 'runs/aaaaaaaa/previews/1.png' ? { bytes: exampleImage, type: 'image/png' } : null,
        ),
    },
    pageFolder: writePage(),
    port: 0,
    sessionKey: options.sessionKey ?? new Uint8Array(32),
    cookieName: 'lab-example',
    linkKey: 'key of the link',
    log: { write: (_, text) => void logged.push(text) },
  });
  onTestFinished(() => server.close());
  const { port } = server;
  const cookie = options.isSignedIn === false ? undefined : await signIn(server);
  return {
    server,
    transport: await connected,
    port,
    asked,
    logged,
    ask: (path, { method = 'GET', headers = {}, ...rest } = {}) =>
      send(port, { path, method, ...rest, headers: { ...pageHeaders(port, method), cookie, ...headers } }),
  };
}

/** Opens the link and returns the cookie that a browser would receive. */
export async function signIn(server: LabServer): Promise<string> {
  const { pathname, search } = new URL(server.createLink());
  const reply = await send(server.port, { path: pathname + search, method: 'GET', headers: {} });
  return reply.headers['set-cookie']?.[0].split(';')[0] ?? 'none';
}

export function send(
  port: number,
  { path, method, headers, body, isHeadOnly }: AskOptions & { path: string },
): Promise<Reply> {
  const sentHeaders = Object.fromEntries(
    Object.entries(headers ?? {}).filter(([, value]) => value !== undefined),
  );
  return new Promise((done, fail) => {
    const request = startRequest(
      { host: '127.0.0.1', port, path, method, headers: sentHeaders },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          done({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    // A granted handshake has no response body.
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      done({ status: response.statusCode ?? 0, headers: response.headers, text: '' });
    });
    request.on('error', fail);
    if (isHeadOnly) request.flushHeaders();
    else request.end(body);
  });
}

/** Sends text that need not be a valid request, and returns the first line of the response. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.once('data', (data) => {
      socket.destroy();
      done(data.toString().split('\r\n')[0]);
    });
    socket.once('error', fail);
    socket.once('close', () => done('closed'));
  });
}

/** Opens the socket of events as a page does; Node's WebSocket accepts headers, unlike the type of the browser's. */
export function openEvents(port: number, cookie: string): WebSocket {
  const headers = { cookie, origin: `http://127.0.0.1:${port}` };
  return Reflect.construct(WebSocket, [`ws://127.0.0.1:${port}/events`, { headers }]) as WebSocket;
}

export const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
} as const;

function pageHeaders(port: number, method: string): Record<string, string> {
  const host = `127.0.0.1:${port}`;
  const own = { host, 'sec-fetch-site': 'same-origin' };
  if (method === 'GET') return own;
  return { ...own, origin: `http://${host}`, 'content-type': 'application/json' };
}

/** Writes a minimal built page, and a file outside its folder that must not be served. */
function writePage(): string {
  const root = makeTemporaryFolder();
  const folder = join(root, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<html><head></head><body>page</body></html>');
  writeFileSync(join(folder, 'assets', 'index-1.js'), 'script');
  writeFileSync(join(root, 'secret.js'), 'secret');
  return folder;
}
