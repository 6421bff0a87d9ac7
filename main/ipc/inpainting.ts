/** Requests about the user's own pictures. */

import type { inpaintingRequests } from '../../shared/contract/inpainting.ts';
import { addMask, addPicture } from '../jobs/pictureFiles.ts';
import { orConflict } from './failure.ts';
import type { LaboratoryParts } from './parts.ts';
import type { HandlersOf } from './register.ts';

export function createInpaintingHandlers({
  store,
  inpaintings,
}: LaboratoryParts): HandlersOf<typeof inpaintingRequests> {
  return {
    'pictures.add': (picture) => addPicture(store, picture),
    'masks.add': (mask) => addMask(store, mask),
    'inpaint.start': (request) => orConflict(() => inpaintings.start(request)),
    'inpaint.cancel': ({ id }) => inpaintings.cancel(id),
    'inpaint.get': ({ id }) => inpaintings.get(id),
    'inpaint.list': (query) => inpaintings.list(query),
    'inpaint.delete'({ ids }) {
      inpaintings.delete(ids);
      return null;
    },
    'inpaint.restore'({ ids }) {
      inpaintings.restore(ids);
      return null;
    },
  };
}
