/** The routes of the server: the page and its files, requests, events and media. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createReadStream, readFileSync, type ReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { bytesRequestNames } from '../../shared/contract.ts';
import { unpackBytes } from '../../shared/contract/bytesBody.ts';
import type { Failure } from '../../shared/failure.ts';
import { imageLimits } from '../../shared/images/imageHeader.ts';
import type { Laboratory } from '../ipc/laboratory.ts';
import type { Media } from '../ipc/parts.ts';
import { contentPolicy, createNonce, insertNonce, mapPageFiles } from '../ipc/pageFiles.ts';
import { isSame, type Sessions } from './sessions.ts';
import type { SocketTransport } from './socketTransport.ts';

/** The page's files by address, read when the server starts, so that a later build does not mix with them. */
export type Page = ReadonlyMap<string, { readonly bytes: Buffer; readonly type: string }>;

/** Bytes up to which a file is read at once. */
const largestWhole = 8 * 2 ** 20;

export interface RouteParts {
  readonly page: Page;
  readonly sessions: Sessions;
  readonly transport: SocketTransport;
  readonly laboratory: Pick<Laboratory, 'media'>;
  /** Authorises requests for a new link, which a second start by the same user sends. */
  readonly linkKey: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers without a session. */
    readonly isOpen?: boolean;
  }
}

/** @throws Error when the page has not been built. */
export function loadPage(folder: string): Page {
  const files = [...mapPageFiles(folder)];
  return new Map(files.map(([address, { file, type }]) => [address, { bytes: readFileSync(file), type }]));
}

export function addRoutes(server: FastifyInstance, parts: RouteParts): void {
  const { page, sessions, transport } = parts;
  const open = { config: { isOpen: true } };
  server.get<{ Querystring: { token?: unknown } }>('/', open, (request, reply) => {
    const { token } = request.query;
    if (typeof token === 'string') return openSession(sessions, { request, reply, token });
    if (!sessions.isOpen(request.headers.cookie)) {
      return refuse(request, reply, { status: 403, message: notSignedIn });
    }
    return sendFile(page, { address: '/', request, reply });
  });
  server.get('/*', (request, reply) =>
    sendFile(page, { address: request.url.split('?')[0], request, reply }),
  );
  server.get<{ Params: { '*': string } }>('/media/*', (request, reply) =>
    sendMedia(parts.laboratory, { address: request.params['*'], request, reply }),
  );
  addBytesRoutes(server, transport);
  server.post<{ Params: { channel: string } }>('/api/:channel', async (request, reply) => {
    const answer = transport.answer(request.params.channel, request.body);
    void reply.header('cache-control', 'no-store');
    return answer ?? refuseUnknown(request, reply);
  });
  server.get('/events', { websocket: true }, (socket) => transport.add(socket));
  server.post('/link', open, (request, reply) => {
    const isKnown = isSame(request.headers.authorization ?? '', `Bearer ${parts.linkKey}`);
    if (!isKnown) return refuse(request, reply, { status: 403, message: notSignedIn });
    return reply.send({ token: sessions.createToken() });
  });
}

interface Requested {
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Removes the token from the address at once, so that it does not enter the history. */
function openSession(
  sessions: Sessions,
  { request, reply, token }: { request: FastifyRequest; reply: FastifyReply; token: string },
): FastifyReply {
  const cookie = sessions.open(token);
  if (cookie) void reply.header('set-cookie', cookie);
  else if (!sessions.isOpen(request.headers.cookie)) {
    return refuse(request, reply, { status: 403, message: notSignedIn });
  }
  void reply.header('cache-control', 'no-store');
  // A strict cookie is not sent on the redirect of a link from another site, but on a refresh by the page itself.
  const isForeignLink = request.headers['sec-fetch-site'] === 'cross-site';
  return isForeignLink ? reply.header('refresh', '0;url=/').send('') : reply.redirect('/', 303);
}

function sendFile(page: Page, { address, request, reply }: Requested): FastifyReply {
  const file = page.get(address);
  if (!file) return refuseUnknown(request, reply);
  void reply.type(file.type);
  if (!file.type.startsWith('text/html')) {
    // Vite puts a hash of the content into the names of its files.
    const age = address.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache';
    return reply.header('cache-control', age).send(file.bytes);
  }
  const nonce = createNonce();
  return reply
    .header('cache-control', 'no-store')
    .header('content-security-policy', contentPolicy(nonce))
    .send(insertNonce(file.bytes.toString('utf8'), nonce));
}

async function sendMedia(
  laboratory: Pick<Laboratory, 'media'>,
  { address, request, reply }: Requested,
): Promise<FastifyReply> {
  const media = await laboratory.media(address);
  if (!media) return refuseUnknown(request, reply);
  const content = await openMedia(media, reply);
  if (media.policy !== undefined) void reply.header('content-security-policy', media.policy);
  return reply.type(media.type).header('cache-control', 'no-cache').send(content);
}

async function openMedia(media: Media, reply: FastifyReply): Promise<Buffer | Readable> {
  if ('chunks' in media) return Readable.from(media.chunks);
  return 'bytes' in media ? Buffer.from(media.bytes) : openFile(media.file, reply);
}

/** Streams large files, such as exported runs; images and reports are small. */
async function openFile(file: string, reply: FastifyReply): Promise<Buffer | ReadStream> {
  const { size } = await stat(file);
  if (size <= largestWhole) return readFile(file);
  void reply.header('content-length', size);
  return createReadStream(file);
}

export const notSignedIn =
  'This browser is not signed in: the link was used before or comes from an earlier start of the application. Run "npm start" in a terminal and open the link that it prints.';

/** Answers requests of the page with a failure to show, and browsers with a page that holds the sentence. */
export function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, message } = refusal;
  void reply.code(status).header('cache-control', 'no-store');
  if (request.url.startsWith('/api/')) {
    const failure: Failure = {
      code: refusal.code ?? 'unavailable',
      message,
      details: `${request.method} ${request.url.slice(0, 120)}: ${status}`,
    };
    return reply.send({ ok: false, failure });
  }
  return reply.type('text/html; charset=utf-8').send(page(message));
}

export function refuseUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = `There is nothing at ${request.url.slice(0, 120)}.`;
  return refuse(request, reply, { status: 404, code: 'invalid', message });
}

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly code?: Failure['code'];
}

function page(message: string): string {
  const text = message.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Sparse Field Lab</title></head><body><h1>Sparse Field Lab</h1><p>${text}</p></body></html>`;
}

/** Bytes of the largest image file and its description. */
const bodyLimit = imageLimits.fileBytes + 1_000_000;

/** Requests with binary bodies, in their own scope, because other channels accept no such body. Register after the access rules. */
function addBytesRoutes(server: FastifyInstance, transport: SocketTransport): void {
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit },
      (_request, body: Buffer<ArrayBuffer>, parsed) => {
        try {
          parsed(null, unpackBytes(body));
        } catch (error) {
          parsed(Object.assign(new Error((error as Error).message), { statusCode: 400 }));
        }
      },
    );
    for (const name of bytesRequestNames) {
      scope.post(`/api/${name}`, { bodyLimit }, async (request, reply) => {
        void reply.header('cache-control', 'no-store');
        return transport.answer(name, request.body) ?? refuseUnknown(request, reply);
      });
    }
    done();
  });
}
