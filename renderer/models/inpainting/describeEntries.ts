/** What the pictures of inpaintings come from, for the files they are saved in. */

import type { FigureOrigin } from '../../../shared/figureOrigin.ts';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';

export function describeEntries(
  entries: readonly InpaintingEntry[],
): Pick<FigureOrigin, 'runs' | 'inpaintings'> {
  return {
    runs: entries.map(({ request, runName, checkpointStep, checkpointSha256 }) => ({
      ...{ runId: request.runId, name: runName, step: checkpointStep, checkpointSha256, method: null },
    })),
    inpaintings: entries.map(({ id, picture, request }) => ({ id, picture: picture.name, request })),
  };
}
