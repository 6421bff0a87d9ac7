/** The laboratory in a browser: the desktop's page, served on the loopback address to who has its link. */

import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import type { Laboratory } from '../ipc/laboratory.ts';
import { commonHeaders } from '../ipc/pageFiles.ts';
import type { Log } from '../ipc/log.ts';
import { findRefusal } from './accessRules.ts';
import { notSignedIn, refuse, refuseUnknown, addRoutes, loadPage } from './routes.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSocketTransport } from './socketTransport.ts';
import { stringifyMessage } from '../../shared/numbers/nonFinite.ts';

export interface LabServerOptions {
  readonly laboratory: Pick<Laboratory, 'connect' | 'media'>;
  /** The built page. */
  readonly pageFolder: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Signs the sessions' cookies. */
  readonly sessionKey: Uint8Array;
  readonly cookieName: string;
  /** Who knows it may ask for a new link. */
  readonly linkKey: string;
  readonly log: Pick<Log, 'write'>;
}

export interface LabServer {
  readonly port: number;
  /** A new link, good for one browser. */
  createLink(): string;
  close(): Promise<void>;
}

const address = '127.0.0.1';
/** Bytes of a request: the longest list of run ids is a tenth of it. */
const bodyLimit = 1_048_576;
/** Pages say nothing on their socket; they ask by POST. */
const messageLimit = 1024;

/** @throws Error when the page is not built, or with code EADDRINUSE when the port is taken. */
export async function startLabServer(options: LabServerOptions): Promise<LabServer> {
  const page = loadPage(options.pageFolder);
  const sessions = createSessions(options.sessionKey, options.cookieName);
  const transport = createSocketTransport();
  const server = fastify({ bodyLimit, exposeHeadRoutes: false, forceCloseConnections: true });
  server.removeContentTypeParser('text/plain');
  server.setReplySerializer((payload) => stringifyMessage(payload as object));
  // Its hooks come first: they close the socket of a handshake that ours refuse.
  await server.register(websocket, { options: { maxPayload: messageLimit } });
  addHooks(server, sessions, options.log);
  const { laboratory, linkKey } = options;
  addRoutes(server, { page, sessions, transport, laboratory, linkKey });
  const disconnect = laboratory.connect(transport);
  const close = async () => {
    disconnect();
    transport.close();
    await server.close();
  };
  try {
    await server.listen({ host: address, port: options.port });
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = server.server.address() as AddressInfo;
  return { port, createLink: () => `http://${address}:${port}/?token=${sessions.createToken()}`, close };
}

/** Every answer carries the headers, and nobody gets past the rules, whatever they ask for. */
function addHooks(server: FastifyInstance, sessions: Sessions, log: Pick<Log, 'write'>): void {
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      ...commonHeaders,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    const { method, headers, routeOptions } = request;
    // A refused handshake's socket is closed with the answer.
    if (request.ws) void reply.header('connection', 'close');
    const port = request.socket.localPort ?? 0;
    const message = findRefusal({ method, headers, opensPage: routeOptions.url === '/', port });
    if (message !== null) return refuse(request, reply, { status: 403, message });
    const mayEnter = routeOptions.config?.isOpen === true || sessions.isOpen(headers.cookie);
    if (!mayEnter) return refuse(request, reply, { status: 403, message: notSignedIn });
    // Elsewhere a handshake would be granted and the socket closed after it.
    return request.ws && routeOptions.url !== '/events' ? refuseUnknown(request, reply) : undefined;
  });
  server.setNotFoundHandler(refuseUnknown);
  server.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return refuse(request, reply, { status, code: 'invalid', message: error.message });
    log.write('error', `${request.method} ${request.url.slice(0, 120)}: ${error.stack ?? error.message}`);
    const message = 'The request failed; the log says why.';
    return refuse(request, reply, { status, code: 'failed', message });
  });
}
