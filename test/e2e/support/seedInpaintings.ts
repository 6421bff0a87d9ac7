/** A history of inpaintings, created by the real queue with a fake compute process. */

import { createInpaintings } from '../../../main/jobs/inpainting/inpaintings.ts';
import { addImage } from '../../../main/jobs/inpainting/userImages.ts';
import type { Store } from '../../../main/store/store.ts';
import {
  inpaintingRequestSchema,
  type InpaintingRequest,
  type ImageEntry,
} from '../../../shared/inpainting.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import { createInpaintingHost } from './inpaintingHost.ts';
import { drawPixels } from './imageFiles.ts';
import { seedOnce } from './seedOnce.ts';
import { seedRuns } from './seedRuns.ts';

type Changes = Partial<Omit<InpaintingRequest, 'pictureId' | 'runId'>>;

export interface SeededInpaintings {
  /** IDs of runs by name. */
  readonly runs: Readonly<Record<string, string>>;
  readonly image: ImageEntry;
  /** IDs of the inpaintings in the order of the requests. */
  readonly ids: readonly string[];
}

/** Requests for harbour.png: a sample, a mean of four samples, and one without known truth; one that fails follows. */
const requests: readonly Changes[] = [{ seed: 1 }, { seed: 2, samples: 4 }, { seed: 3, truthIsKnown: false }];

export const seedInpaintings = seedOnce(async (store): Promise<SeededInpaintings> => {
  const runs = await seedRuns(store);
  const runId = runs['first try'];
  const size = { width: 96, height: 64 };
  const bytes = new Uint8Array(drawPixels(size));
  const image = await addImage(store, {
    name: 'harbour.png',
    ...size,
    pixels: bytes,
    opaque: null,
  });
  const createRequest = (changes: Changes) =>
    inpaintingRequestSchema.parse({ pictureId: image.id, runId, mask: { kind: 'drawn' }, ...changes });
  const ids = await computeAll(store, requests.map(createRequest));
  const failed = await computeAll(
    store,
    [createRequest({ seed: 4 })],
    'The run’s checkpoint cannot be read: bytes are missing.',
  );
  return { runs, image, ids: [...ids, ...failed] };
});

async function computeAll(store: Store, requests: readonly InpaintingRequest[], failure?: string) {
  const createHost = createInpaintingHost(failure === undefined ? {} : { failure });
  const listener = { onChange: () => undefined, onListChange: () => undefined };
  const queue = createInpaintings({ store, createHost, version: '0.0.0-test' }, listener);
  const ids = requests.map((request) => queue.start(request).id);
  const hasEnded = (id: string) => !['waiting', 'running'].includes(queue.get(id).status);
  await waitUntil(() => ids.every(hasEnded));
  await queue.close();
  return ids;
}

/** Inserts copies of an inpainting's row without files, for tests of long lists. */
export function repeatInpainting(store: Store, id: string, count: number): void {
  const insert = store.db.prepare<[string, string, string]>(
    `INSERT INTO inpaintings SELECT ?, ?, status, error, picture_id, picture_name, mask_id, run_id, run_name,
       checkpoint_step, checkpoint_sha256, request, times, result, owner, deleted_at FROM inpaintings WHERE id = ?`,
  );
  store.db.transaction(() => {
    for (let index = 0; index < count; index++) {
      const createdAt = new Date(Date.UTC(2026, 9, 1) + index * 60_000).toISOString();
      insert.run(createId(index), createdAt, id);
    }
  })();
}

/** Returns an ID of eight letters for a number. */
function createId(index: number): string {
  return index
    .toString(26)
    .replace(/./g, (digit) => 'abcdefghijklmnopqrstuvwxyz'[parseInt(digit, 26)])
    .padStart(8, 'a');
}
