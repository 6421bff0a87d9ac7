/** The only file that touches the bridge: requests that throw, events, and addresses of files. */

import type {
  Bridge,
  EventName,
  Events,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../../shared/contract.ts';
import type { Failure, FailureCode } from '../../shared/failure.ts';
import { fetchMedia } from './fetchMedia.ts';
import { saveFile } from './saveFile.ts';
import { connectSocket } from './socket.ts';

declare global {
  interface Window {
    /** Set by the preload script; absent in a browser. */
    readonly lab?: Bridge;
  }
}

const bridge = window.lab ?? connectSocket();

/** A request that the main side refused; `message` can be shown to the user. */
export class RequestError extends Error {
  readonly code: FailureCode;
  readonly details: string;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'RequestError';
    this.code = failure.code;
    this.details = failure.details;
  }
}

/** @throws RequestError when the main side refuses or cannot be reached. */
export async function request<Name extends RequestName>(
  name: Name,
  input: RequestInput<Name>,
): Promise<RequestOutput<Name>> {
  const answer = await bridge.request(name, input);
  if (answer.ok) return answer.value as RequestOutput<Name>;
  throw new RequestError(answer.failure);
}

/** Subscribes to an event; returns the function that unsubscribes. */
export function listen<Name extends EventName>(
  name: Name,
  listener: (payload: Events[Name]) => void,
): () => void {
  return bridge.on(name, listener);
}

/** Calls `listener` immediately and at every change; returns the function that unsubscribes. */
export function listenToConnection(listener: (isConnected: boolean) => void): () => void {
  return bridge.onConnection(listener);
}

/** Returns the path of a dropped file or folder; null in a browser, which does not reveal it. */
export function pathOfFile(file: File): string | null {
  return bridge.pathOfFile(file);
}

/** Returns the address of a file, given its path below the media root (see `shared/runDetail.ts`). */
export function mediaUrl(path: string): string {
  return bridge.mediaRoot + path;
}

/** Downloads the file at a path below the media root. @throws Error when it cannot be fetched. */
export async function saveMedia(name: string, path: string): Promise<void> {
  saveFile(name, await fetchMedia(mediaUrl(path)));
}
