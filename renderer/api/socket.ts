/** The bridge for browsers: requests over HTTP, events over a WebSocket, both with the session cookie. */

import { describeError } from '../../shared/text/describeError.ts';
import type { Bridge, EventName, Events } from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';
import { packBytes, type WithBytes } from '../../shared/contract/bytesBody.ts';
import { parseMessage } from '../../shared/numbers/nonFinite.ts';

/** Milliseconds between attempts to reach a main side that is gone. */
const retryAfter = 1500;

type Listener = (payload: never) => void;

/** Connects to the server the page came from; reconnects whenever the connection is lost. */
export function connectSocket(): Bridge {
  const listeners = new Map<EventName, Set<Listener>>();
  const watchers = new Set<(isConnected: boolean) => void>();
  let isConnected = false;
  const notify = (state: boolean) => {
    isConnected = state;
    for (const watcher of watchers) watcher(state);
  };
  keepConnected(notify, (name, payload) => {
    for (const listener of listeners.get(name) ?? []) listener(payload as never);
  });
  return {
    mode: 'browser',
    mediaRoot: '/media/',
    request: post,
    on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void) {
      const known = listeners.get(name) ?? new Set<Listener>();
      listeners.set(name, known.add(listener as Listener));
      return () => void known.delete(listener as Listener);
    },
    // Browsers keep it to themselves.
    pathOfFile: () => null,
    onConnection(watcher) {
      watchers.add(watcher);
      watcher(isConnected);
      return () => void watchers.delete(watcher);
    },
  };
}

async function post(name: string, input: unknown): Promise<Answer<unknown>> {
  try {
    const response = await fetch(`/api/${name}`, {
      method: 'POST',
      ...encode(input),
    });
    return parseMessage(await response.text()) as Answer<unknown>;
  } catch (error) {
    const reason = describeError(error);
    const message =
      'The application cannot be reached; whether it still trains is not known. If it has stopped, start it with "npm start".';
    return { ok: false, failure: { code: 'unavailable', message, details: `${name}: ${reason}` } };
  }
}

/** Sends bytes unencoded: as text they would be several times as large. */
function encode(input: unknown): { headers: Record<string, string>; body: BodyInit } {
  return hasBytes(input)
    ? { headers: { 'content-type': 'application/octet-stream' }, body: new Blob(packBytes(input)) }
    : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) };
}

function hasBytes(input: unknown): input is WithBytes {
  return typeof input === 'object' && input !== null && 'bytes' in input && input.bytes instanceof Uint8Array;
}

function keepConnected(
  notify: (state: boolean) => void,
  deliver: (name: EventName, payload: unknown) => void,
) {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/events`);
  socket.addEventListener('open', () => notify(true));
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const { name, payload } = parseMessage(data) as { name: EventName; payload: unknown };
    deliver(name, payload);
  });
  socket.addEventListener('close', () => {
    notify(false);
    setTimeout(() => keepConnected(notify, deliver), retryAfter);
  });
}
