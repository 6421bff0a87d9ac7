/** What is said to those who may not come in, or ask for what is not there. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Failure } from '../../shared/failure.ts';

export const notSignedIn =
  'This browser is not signed in: the link was opened before, or comes from an earlier start of the application. Run "npm start" in a terminal and open the link it prints.';

/** Requests of the page get a failure they can show, people a sentence. */
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
  const message = `Nothing is at ${request.url.slice(0, 120)}.`;
  return refuse(request, reply, { status: 404, code: 'invalid', message });
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly code?: Failure['code'];
}

function page(message: string): string {
  const text = message.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Sparse Field Lab</title></head><body><h1>Sparse Field Lab</h1><p>${text}</p></body></html>`;
}
