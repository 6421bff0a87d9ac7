/** What the laboratory is made of: its options, the parts that request handlers use, transports and media. */

import type { EventName, Events } from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';
import type { CreateHost } from '../jobs/computeHost.ts';
import type { Inpaintings } from '../jobs/inpainting/inpaintings.ts';
import type { Lane } from '../jobs/lane.ts';
import type { LiveEvents, Send } from '../jobs/liveEvents.ts';
import type { Store } from '../store/store.ts';
import type { DataLibrary } from './library/dataLibrary.ts';
import type { FolderIds } from './library/folders.ts';
import type { Log } from './log.ts';
import type { SettingsFile } from './settingsFile.ts';
import type { SystemInfo } from './systemInfo.ts';

export interface LaboratoryOptions {
  /** An existing folder that may be written: see `resolveDataFolder`. */
  readonly dataFolder: string;
  /** Downloads are kept here. */
  readonly cacheFolder: string;
  /** The settings file stands here; made if missing. */
  readonly configFolder: string;
  /** Starts a compute process. */
  readonly createHost: CreateHost;
  readonly version: string;
  readonly mode: 'desktop' | 'browser';
  /** null in a browser. */
  readonly desktop: Desktop | null;
  readonly log: Log;
}

/** Created once, when the laboratory is opened. */
export interface LaboratoryParts {
  readonly options: LaboratoryOptions;
  /** Tells every page of every transport. */
  readonly send: Send;
  readonly store: Store;
  readonly lane: Lane;
  readonly inpaintings: Inpaintings;
  readonly live: LiveEvents;
  readonly library: DataLibrary;
  readonly folders: FolderIds;
  readonly settings: SettingsFile;
  readonly system: SystemInfo;
}

/** A channel to pages, supplied by the shell or the server: requests come in, events go out. */
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

/** What is at an address: a file to be sent, its bytes, or a text that is written while it is sent. */
export type Media = (
  { readonly file: string } | { readonly bytes: Uint8Array } | { readonly chunks: AsyncIterable<string> }
) & {
  readonly type: string;
  /** Content policy of a document; absent for what is no document. */
  readonly policy?: string;
};
