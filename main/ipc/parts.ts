/** What the laboratory is made of: its options, the parts that request handlers use, transports and media. */

import type { EventName, Events } from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';
import type { UpdateState } from '../../shared/updates.ts';
import type { ClusterTools } from '../cluster/clusterSweeps.ts';
import type { ClusterWatch } from '../cluster/clusterWatch.ts';
import type { CreateHost } from '../jobs/computeHost.ts';
import type { Inpaintings } from '../jobs/inpainting/inpaintings.ts';
import type { Lane } from '../jobs/lane.ts';
import type { LiveEvents, Send } from '../jobs/liveEvents.ts';
import type { Sweeps } from '../jobs/sweeps/sweeps.ts';
import type { RunMeasurement } from '../runtime/probe.ts';
import type { Store } from '../store/store.ts';
import type { DataLibrary } from './library/dataLibrary.ts';
import type { FolderLibrary } from './library/folders.ts';
import type { Log } from './log.ts';
import type { SettingsFile } from './settingsFile.ts';
import type { SystemInfo } from './systemInfo.ts';

export interface LaboratoryOptions {
  /** An existing, writable folder: see `resolveDataFolder`. */
  readonly dataFolder: string;
  /** Folder of downloads. */
  readonly cacheFolder: string;
  /** Folder of the settings file; created if missing. */
  readonly configFolder: string;
  /** Starts a compute process. */
  readonly createHost: CreateHost;
  /** How the doctor measures; default: in a process of Node. */
  readonly runMeasurement?: RunMeasurement;
  readonly version: string;
  readonly mode: 'desktop' | 'browser';
  /** null in a browser. */
  readonly desktop: Desktop | null;
  readonly log: Log;
  /** How clusters are reached; default: through Slurm here or ssh. */
  readonly accessOf?: ClusterTools['accessOf'];
}

/** Created once, when the laboratory is opened. */
export interface LaboratoryParts {
  readonly options: LaboratoryOptions;
  /** Sends an event to every page of every transport. */
  readonly send: Send;
  readonly store: Store;
  readonly lane: Lane;
  readonly sweeps: Sweeps;
  readonly cluster: ClusterWatch;
  readonly inpaintings: Inpaintings;
  readonly live: LiveEvents;
  readonly library: DataLibrary;
  readonly folders: FolderLibrary;
  readonly settings: SettingsFile;
  readonly system: SystemInfo;
}

/** A channel to pages, supplied by the shell or the server: requests come in, events go out. */
export interface Transport {
  /** Registers the handler of one channel. The transport ensures that the sender is our own page. */
  handle(channel: string, answer: (input: unknown) => Promise<Answer<unknown>>): void;
  /** Sends an event to every open page; pages that are still loading request the state once they are ready. */
  send<Name extends EventName>(event: Name, payload: Events[Name]): void;
}

/** Functions that only the desktop has. */
export interface Desktop {
  /** Returns the absolute path of the chosen folder; null if cancelled. */
  chooseFolder(): Promise<string | null>;
  openFolder(path: string): Promise<void>;
  /** Prints a complete HTML document as PDF. */
  printPdf(html: string): Promise<Uint8Array>;
  readonly updates: Updates;
}

/** New versions of the application. Failures are states, not errors. */
export interface Updates {
  state(): UpdateState;
  /** Asks the server with the releases, which must not happen without the user's consent. */
  check(): Promise<UpdateState>;
  /** Downloads the version that a check has found; it is installed when the application quits. */
  install(): Promise<UpdateState>;
  /** Pauses all runs, installs the version that was downloaded, and starts it. */
  restart(): Promise<UpdateState>;
  /** Returns a function that ends the subscription. */
  onChange(listener: (state: UpdateState) => void): () => void;
}

/** The media at an address: a file, bytes, or text that is generated while it is sent. */
export type Media = (
  { readonly file: string } | { readonly bytes: Uint8Array } | { readonly chunks: AsyncIterable<string> }
) & {
  readonly type: string;
  /** Content security policy; only for documents. */
  readonly policy?: string;
};
