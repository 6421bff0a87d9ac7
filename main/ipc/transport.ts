/** What the shell and the server supply: a way for requests in and events out. */

import type { EventName, Events } from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';

export interface Transport {
  /** Answers every request of one channel. The transport has made sure that the sender is our own page. */
  handle(channel: string, answer: (input: unknown) => Promise<Answer<unknown>>): void;
  /** Tells every open page; pages that are not ready yet ask for the state when they are. */
  send<Name extends EventName>(event: Name, payload: Events[Name]): void;
}

/** What only the desktop can do; null in a browser. */
export interface Desktop {
  /** The chosen folder's absolute path; null: cancelled. */
  chooseFolder(): Promise<string | null>;
  openFolder(path: string): Promise<void>;
  /** A whole HTML file as PDF. */
  printPdf(html: string): Promise<Uint8Array>;
}
