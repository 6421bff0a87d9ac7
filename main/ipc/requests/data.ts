/** Requests about datasets. */

import type { dataRequests } from '../../../shared/contract/data.ts';
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
    'data.addFolder': ({ folderId }) => library.addFolder(folders.pathOf(folderId)),
  };
}

async function chooseFolder({ options, library }: LaboratoryParts) {
  if (!options.desktop)
    throw new RequestFailure('unavailable', 'A browser has no native dialog. Choose a folder from the list.');
  const path = await options.desktop.chooseFolder();
  return path === null ? null : library.addFolder(path);
}
