import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addMask } from '../../../main/jobs/inpainting/userImages.ts';
import { imageFile } from '../../../main/store/dataFolder.ts';
import { checkpointPath } from '../../../main/store/files/checkpointFile.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import { insertExampleRun } from '../../store/exampleStore.ts';
import {
  addCheckpoint,
  begin,
  inpaintedEvent,
  openExampleInpaintings,
  reaches,
} from './exampleInpaintings.ts';

describe('the checkpoint', () => {
  it('of an interrupted entry is taken again while it is there, else the newest', async () => {
    const example = await openExampleInpaintings();
    const { db } = example.store;
    const { id, host, job } = await begin(example);
    addCheckpoint(example.store, example.runId, 20);
    host.emit(inpaintedEvent(job));
    await reaches(example, id, 'finished');
    expect((await begin(example)).job.checkpoint).toMatch(/ckpt-20/);
    const keepOnlyTheFirst = () => db.prepare('DELETE FROM inpaintings WHERE id <> ?').run(id);
    keepOnlyTheFirst();
    db.prepare(`UPDATE inpaintings SET status = 'interrupted' WHERE id = ?`).run(id);
    expect(example.inpaintings.start(example.request())).toMatchObject({ checkpointStep: 10 });
    rmSync(checkpointPath(example.store.runFolder(example.runId), 10));
    keepOnlyTheFirst();
    expect(example.inpaintings.start(example.request())).toMatchObject({ checkpointStep: 20 });
  });

  it('that a training run removed while the entry waited is replaced by its newest', async () => {
    const example = await openExampleInpaintings();
    const first = await begin(example);
    const second = example.inpaintings.start(example.request({ seed: 1 }));
    addCheckpoint(example.store, example.runId, 20);
    rmSync(checkpointPath(example.store.runFolder(example.runId), 10));
    first.host.emit(inpaintedEvent(first.job));
    await waitUntil(() => example.newestJob().id === second.id);
    expect(example.newestJob().checkpoint).toMatch(/ckpt-20/);
    expect(example.inpaintings.get(second.id).checkpointStep).toBe(20);
  });
});

describe('what cannot be', () => {
  it('is refused with what was found and what is expected', async () => {
    const example = await openExampleInpaintings();
    const { store, inpaintings, request } = example;
    const start = (changes: object) => () => inpaintings.start(request(changes));
    expect(start({ pictureId: '0'.repeat(16) })).toThrow(/Image 0+ is not here any more/);
    expect(start({ mask: { kind: 'painted', maskId: '0'.repeat(16) } })).toThrow(/Mask 0+ is not here/);
    expect(start({ runId: 'zzzzzzzz' })).toThrow(/No run "zzzzzzzz"/);
    const { id: fresh } = insertExampleRun(store, 'fresh');
    expect(start({ runId: fresh })).toThrow(/"fresh" has no checkpoint yet, and an inpainting needs one/);
    const mask = (width: number, value: number) =>
      addMask(store, { width, height: 3, bits: new Uint8Array(width * 3).fill(value) });
    const [small, empty] = [await mask(2, 1), await mask(4, 0)];
    expect(start({ mask: { kind: 'painted', maskId: small.id } })).toThrow(/2 × 3 pixels, the image 4 × 3/);
    expect(start({ mask: { kind: 'painted', maskId: empty.id } })).toThrow(/no known pixel, at least 1/);
    store.db.prepare('UPDATE pictures SET width = 2000, height = 2000').run();
    expect(start({ scale: 4 })).toThrow(/8000 × 8000 pixels; at most 40 million/);
    expect(inpaintings.list({ text: '', offset: 0, limit: 9 }).total).toBe(0);
  });

  it('fails in its entry where the image’s file is gone or damaged', async () => {
    const example = await openExampleInpaintings();
    const file = imageFile(example.store.dataFolder, example.picture.id);
    writeFileSync(file, readFileSync(file).subarray(0, 40));
    const damaged = example.inpaintings.start(example.request());
    await reaches(example, damaged.id, 'failed');
    expect(example.inpaintings.get(damaged.id).error).toMatch(
      /cannot be read \(.*Add the image or mask again/,
    );
    rmSync(file);
    const gone = example.inpaintings.start(example.request());
    await reaches(example, gone.id, 'failed');
    expect(example.hosts).toEqual([]);
  });
});
