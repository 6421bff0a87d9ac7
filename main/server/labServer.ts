/** The laboratory in a browser: the page, served on the loopback address to those who have its link. */

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
  /** 0: any free port. */
  readonly port: number;
  /** Signs the sessions' cookies. */
  readonly sessionKey: Uint8Array;
  readonly cookieName: string;
  /** Authorises requests for a new link. */
  readonly linkKey: string;
  readonly log: Pick<Log, 'write'>;
}

export interface LabServer {
  readonly port: number;
  /** Returns a new link that works in one browser. */
  createLink(): string;
  close(): Promise<void>;
}

const address = '127.0.0.1';
/** Bytes of a request; the longest list of run IDs needs a tenth of this. */
const bodyLimit = 1_048_576;
/** Bytes of a message on a socket; pages send none, as they request by POST. */
const messageLimit = 1024;

/**
 * No route has a schema of Fastify: requests are validated by those of the contract. Without these functions, Fastify loads
 * its compilers at the start, which takes longer than all of its other parts.
 */
const withoutSchemas = { buildValidator: refuseSchema, buildSerializer: refuseSchema };

function refuseSchema(): never {
  throw new Error(
    'Found a route with a Fastify schema; expected none. Validate its input with the contract.',
  );
}

/** @throws Error when the page has not been built, or with code EADDRINUSE when the port is taken. */
export async function startLabServer(options: LabServerOptions): Promise<LabServer> {
  const page = loadPage(options.pageFolder);
  const sessions = createSessions(options.sessionKey, options.cookieName);
  const transport = createSocketTransport();
  const server = fastify({
    bodyLimit,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    schemaController: { compilersFactory: withoutSchemas },
  });
  server.removeContentTypeParser('text/plain');
  server.setReplySerializer((payload) => stringifyMessage(payload as object));
  // Registered first, so that its hooks close the socket of a handshake that ours refuse.
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

/** Every response carries the headers, and every request must pass the access rules. */
function addHooks(server: FastifyInstance, sessions: Sessions, log: Pick<Log, 'write'>): void {
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      ...commonHeaders,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    const { method, headers, routeOptions } = request;
    // Closes the socket of a refused handshake with the response.
    if (request.ws) void reply.header('connection', 'close');
    const port = request.socket.localPort ?? 0;
    const message = findRefusal({ method, headers, opensPage: routeOptions.url === '/', port });
    if (message !== null) return refuse(request, reply, { status: 403, message });
    const mayEnter = routeOptions.config?.isOpen === true || sessions.isOpen(headers.cookie);
    if (!mayEnter) return refuse(request, reply, { status: 403, message: notSignedIn });
    // On other routes, a handshake would be accepted and its socket closed afterwards.
    return request.ws && routeOptions.url !== '/events' ? refuseUnknown(request, reply) : undefined;
  });
  server.setNotFoundHandler(refuseUnknown);
  server.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return refuse(request, reply, { status, code: 'invalid', message: error.message });
    log.write('error', `${request.method} ${request.url.slice(0, 120)}: ${error.stack ?? error.message}`);
    const message = 'The request failed. The log has the reason.';
    return refuse(request, reply, { status, code: 'failed', message });
  });
}
