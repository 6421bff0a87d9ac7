/** How the page reaches the main side: the preload's object in the desktop, a socket in a browser. */

import type { EventName, Events, RequestInput, RequestName } from './contract.ts';
import type { Answer } from './failure.ts';

export interface Bridge {
  readonly mode: 'desktop' | 'browser';
  /** Start of every media address, with a slash at its end. */
  readonly mediaRoot: string;
  request<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<Answer<unknown>>;
  /** Returns the function that ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
  /** Reports whether the main side can be reached. Returns the function that ends the subscription. */
  onConnection(listener: (isConnected: boolean) => void): () => void;
}
