/** Requests about datasets. */

import type { dataRequests } from '../../../shared/contract/data.ts';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createDataHandlers(parts: LaboratoryParts): HandlersOf<typeof dataRequests> {
  const { library, folders } = parts;
  return {
    'data.list': () => library.list(),
    'data.download': ({ id }) => library.download(id),
    'data.cancel': ({ id }) => library.cancel(id),
    'data.verify': ({ id }) => library.verify(id),
    'data.remove': ({ id }) => library.remove(id).then(() => null),
    'data.chooseFolder': () => chooseFolder(parts),
    'folders.list': ({ id }) => folders.list(id),
    'folders.find': ({ path, from }) => folders.find(path, from),
    'folders.recent': () => folders.recent(),
    'data.addFolder': ({ folderId }) => addFolder(parts, folders.pathOf(folderId)),
  };
}

/** Adds a folder to the library, and to the folders that the dialog lists as recent. */
async function addFolder({ library, folders }: LaboratoryParts, path: string): Promise<DatasetEntry> {
  const entry = await library.addFolder(path);
  folders.remember(path);
  return entry;
}

async function chooseFolder(parts: LaboratoryParts): Promise<DatasetEntry | null> {
  const { options } = parts;
  if (!options.desktop)
    throw new RequestFailure('unavailable', 'A browser has no native dialog. Choose a folder from the list.');
  const path = await options.desktop.chooseFolder();
  return path === null ? null : addFolder(parts, path);
}
