/** Requests that carry bytes: one binary body each, larger than any other, and for no other channel. */

import type { FastifyInstance } from 'fastify';
import { bytesRequestNames } from '../../shared/contract.ts';
import { unpackBytes } from '../../shared/contract/bytesBody.ts';
import { imageLimits } from '../../shared/images/imageHeader.ts';
import type { SocketTransport } from './socketTransport.ts';
import { refuseUnknown } from './refusals.ts';

/** Bytes: the largest image file, and a description of it. */
const bodyLimit = imageLimits.fileBytes + 1_000_000;

/** To be registered after the rules about who may ask, and in a scope of its own: other channels take no such body. */
export function addBytesRoutes(server: FastifyInstance, transport: SocketTransport): void {
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
