/** What the handlers of requests work with: the laboratory's parts, made once when it is opened. */

import type { Inpaintings } from '../jobs/inpainting/inpaintings.ts';
import type { Lane } from '../jobs/lane.ts';
import type { LiveEvents, Send } from '../jobs/liveEvents.ts';
import type { Store } from '../store/store.ts';
import type { LaboratoryOptions } from './laboratory.ts';
import type { DataLibrary } from './library/dataLibrary.ts';
import type { FolderIds } from './library/folders.ts';
import type { SettingsFile } from './settingsFile.ts';
import type { SystemInfo } from './systemInfo.ts';

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
