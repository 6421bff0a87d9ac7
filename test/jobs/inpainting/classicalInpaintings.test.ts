import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inpaintingFolder } from '../../../main/store/dataFolder.ts';
import { tidyInpaintings } from '../../../main/store/inpaintings/tidyInpaintings.ts';
import { inpaintingRequestSchema, provenanceKeyword, provenanceSchema } from '../../../shared/inpainting.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { drawMask } from '../../../shared/masks/laws.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import { inpaintedEvent, openExampleInpaintings, waitForStatus } from './exampleInpaintings.ts';

describe('an inpainting by a classical method', () => {
  const methodOf = ({ image }: { image: { id: string } }, method = 'biharmonic') =>
    inpaintingRequestSchema.parse({ pictureId: image.id, method, mask: { kind: 'drawn' } });

  it('needs no run, and its entry and files say so', async () => {
    const example = await openExampleInpaintings();
    const { store, inpaintings, hosts } = example;
    inpaintings.prepare(undefined);
    const started = inpaintings.start(methodOf(example));
    expect(started).toMatchObject({ runName: 'Biharmonic', checkpointStep: null, checkpointSha256: null });
    await waitUntil(() => hosts[0].sent.length === 2);
    const [prepared, estimate] = hosts[0].sent;
    expect(prepared).toEqual({ type: 'prepareInpainting', checkpoint: null });
    if (estimate.type !== 'estimate') throw new Error(`${estimate.type} was sent.`);
    const { job } = estimate;
    expect(job).toMatchObject({ id: started.id, method: 'biharmonic', fit: 'whole', scale: 1 });
    expect(job.mask).toEqual(drawMask({ law: 'uniform', keepRatio: 0.2, seed: 42, width: 4, height: 3 }));
    hosts[0].emit(inpaintedEvent(job, { nfe: 0 }));
    await waitForStatus(example, started.id, 'finished');
    const folder = inpaintingFolder(store.dataFolder, started.id);
    const text = readPngText(readFileSync(join(folder, 'result.png')), provenanceKeyword);
    const provenance = provenanceSchema.parse(JSON.parse(text ?? ''));
    expect(provenance).toMatchObject({ method: 'biharmonic', runName: 'Biharmonic' });
    expect(provenance).not.toHaveProperty('runId');
    expect(provenance).not.toHaveProperty('checkpointSha256');
    expect(inpaintings.list({ text: 'biharm', offset: 0, limit: 9 }).entries.map(({ id }) => id)).toEqual([
      started.id,
    ]);
    store.db.prepare('DELETE FROM inpaintings').run();
    tidyInpaintings(store);
    expect(inpaintings.get(started.id)).toMatchObject({ status: 'finished', checkpointStep: null });
  });

  it.each([
    ['a run too', { runId: 'aaaabbbb' }, 'a run and a classical method found'],
    ['neither', { method: undefined }, 'neither a run nor a classical method found'],
    ['a training size', { fit: 'fit' }, 'a classical method has no training size'],
    ['samples', { samples: 4 }, 'a classical method has one result'],
    ['symmetries', { symmetries: 8 }, '8 found, none expected'],
  ])('is not requested with %s', (_case, changes, message) => {
    const request = { pictureId: '0'.repeat(16), method: 'telea', mask: { kind: 'drawn' }, ...changes };
    const { error } = inpaintingRequestSchema.safeParse(request);
    expect(error?.issues.map((issue) => issue.message).join()).toContain(message);
  });
});
