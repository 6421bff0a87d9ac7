/** The contract over HTTP and WebSocket: requests by their channel, events to every open page. */

import type { WebSocket } from '@fastify/websocket';
import type { Answer } from '../../shared/failure.ts';
import type { Transport } from '../ipc/parts.ts';
import { stringifyMessage } from '../../shared/numbers/nonFinite.ts';

export interface SocketTransport extends Transport {
  /** Answers a request; null if there is no such channel. */
  answer(channel: string, input: unknown): Promise<Answer<unknown>> | null;
  /** Sends every event to this page until its socket closes. */
  add(socket: WebSocket): void;
  /** Ends the check for pages that vanished. */
  close(): void;
}

/** Bytes; a page with a longer backlog is disconnected. It reconnects and requests the state. */
const backlogLimit = 8_000_000;
/** Milliseconds between two pings, which also keep tunnels open. */
const pulse = 20_000;

export function createSocketTransport(): SocketTransport {
  const channels = new Map<string, (input: unknown) => Promise<Answer<unknown>>>();
  const pages = new Set<WebSocket>();
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const page of pages) {
      if (silent.has(page)) page.terminate();
      silent.add(page);
      page.ping();
    }
  }, pulse);
  timer.unref();
  return {
    handle: (channel, answer) => void channels.set(channel, answer),
    send(name, payload) {
      if (pages.size === 0) return;
      const message = stringifyMessage({ name, payload });
      for (const page of pages) {
        if (page.bufferedAmount > backlogLimit) page.terminate();
        else page.send(message);
      }
    },
    answer: (channel, input) => channels.get(channel)?.(input) ?? null,
    add(socket) {
      pages.add(socket);
      socket.on('pong', () => void silent.delete(socket));
      socket.on('close', () => void pages.delete(socket));
      // A broken connection also emits 'close', which removes the page.
      socket.on('error', () => socket.terminate());
    },
    close: () => clearInterval(timer),
  };
}
