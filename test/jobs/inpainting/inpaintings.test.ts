import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addMask } from '../../../main/jobs/inpainting/userImages.ts';
import { inpaintingFolder, imageFile } from '../../../main/store/dataFolder.ts';
import { checkpointPath } from '../../../main/store/files/checkpointFile.ts';
import { getInpainting, getMask } from '../../../main/store/inpaintings/inpaintings.ts';
import { tidyInpaintings } from '../../../main/store/inpaintings/tidyInpaintings.ts';
import { drawMask } from '../../../shared/masks/laws.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { posteriorMean, provenanceKeyword, provenanceSchema } from '../../../shared/inpainting.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import { insertExampleRun } from '../../store/exampleStore.ts';
import {
  addCheckpoint,
  examplePixels,
  inpaintedEvent,
  openExampleInpaintings,
  sampleEvent,
  startInpainting,
  stateEvent,
  waitForStatus,
} from './exampleInpaintings.ts';

const readPixels = (file: string) => sharp(file).raw().toBuffer();

describe('an inpainting', () => {
  it('receives the image, the mask of its seed and the newest checkpoint', async () => {
    const example = await openExampleInpaintings();
    const sha256 = addCheckpoint(example.store, example.runId, 20);
    const { id, job } = await startInpainting(example, { steps: 3, seed: 5 });
    expect(Buffer.from(job.pixels).equals(Buffer.from(examplePixels))).toBe(true);
    expect(job.mask).toEqual(drawMask({ law: 'uniform', keepRatio: 0.2, seed: 42, width: 4, height: 3 }));
    expect(job).toMatchObject({
      id,
      width: 4,
      height: 3,
      plan: { solver: 'heun', steps: 3 },
      seed: 5,
      fit: 'whole',
      scale: 1,
    });
    expect(job.checkpoint).toBe(checkpointPath(example.store.runFolder(example.runId), 20));
    expect(example.inpaintings.get(id)).toMatchObject({
      status: 'running',
      runName: 'trained',
      checkpointStep: 20,
      checkpointSha256: sha256,
      phase: 'starting',
      image: example.image,
    });
  });

  it('averages a posterior mean over as many symmetries as evaluations of the run, unless it has its own number', async () => {
    const example = await openExampleInpaintings();
    const { id: runId } = insertExampleRun(example.store, 'averaged', { sampler: { symmetries: 2 } });
    addCheckpoint(example.store, runId, 10);
    const mean = await startInpainting(example, { ...posteriorMean, runId });
    expect(mean.job.symmetries).toBe(2);
    expect(example.inpaintings.get(mean.id).request.symmetries).toBe(2);
    mean.host.emit(inpaintedEvent(mean.job));
    await waitForStatus(example, mean.id, 'finished');
    const chosen = await startInpainting(example, { ...posteriorMean, runId, symmetries: 8 });
    expect(chosen.job.symmetries).toBe(8);
    chosen.host.emit(inpaintedEvent(chosen.job));
    await waitForStatus(example, chosen.id, 'finished');
    const sample = await startInpainting(example, { steps: 3 });
    expect(sample.job.symmetries).toBeUndefined();
  });

  it('receives a drawn mask for the small square if it is fitted, and a painted mask unchanged', async () => {
    const example = await openExampleInpaintings();
    const { job, host } = await startInpainting(example, { fit: 'fit' });
    expect(job.mask).toMatchObject({ width: 32, height: 32 });
    host.emit(inpaintedEvent(job, { width: 4, height: 3, mask: { ...job.mask, bits: new Uint8Array(12) } }));
    const bits = Uint8Array.from({ length: 12 }, (_, index) => index % 2);
    const mask = await addMask(example.store, { width: 4, height: 3, channels: 1, bits });
    expect(mask.observed).toBe(6);
    const painted = await startInpainting(example, {
      fit: 'fit',
      mask: { kind: 'painted', maskId: mask.id },
    });
    expect(painted.job.mask).toEqual({ width: 4, height: 3, channels: 1, bits });
  });

  it('shows its states as they arrive and stores every image bit for bit', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await startInpainting(example, { samples: 2 });
    host.emit({ type: 'progress', phase: 'sample 1 of 2, step 3 of 10', done: 25, total: 100 });
    host.emit(stateEvent(id, 0, 0));
    host.emit(stateEvent(id, 1, 0.5));
    await waitUntil(() => example.inpaintings.get(id).times.length === 2);
    const running = example.inpaintings.get(id);
    expect(running).toMatchObject({ phase: 'sample 1 of 2, step 3 of 10', fraction: 0.25, times: [0, 0.5] });
    expect(running.secondsLeft).toBeGreaterThan(0);
    host.emit(sampleEvent(id, 1));
    host.emit(sampleEvent(id, 2));
    const deviation = Uint8Array.from({ length: 12 }, (_, index) => 20 * index);
    host.emit(inpaintedEvent(job, { deviation, largestDeviation: 0.25 }));
    await waitForStatus(example, id, 'finished');
    const ended = example.inpaintings.get(id);
    expect(ended).toMatchObject({
      phase: null,
      fraction: null,
      secondsLeft: null,
      times: [0, 0.5],
      error: null,
    });
    expect(ended.result).toMatchObject({
      width: 4,
      height: 3,
      nfe: 19,
      largestDeviation: 0.25,
      times: [0, 0.5],
    });
    const names = [
      'biharmonic',
      'deviation',
      'known',
      'mask',
      'result',
      'sample-1',
      'sample-2',
      'telea',
      'tension-spline',
      'thin-plate',
    ];
    expect(readdirSync(folder).toSorted()).toEqual(
      [...names, 'thumbnail', 'time-0', 'time-1', 'truth']
        .map((name) => `${name}.png`)
        .toSpliced(2, 0, 'entry.json'),
    );
    expect(await readPixels(join(folder, 'result.png'))).toEqual(
      Buffer.from(examplePixels.map((v) => 255 - v)),
    );
    expect(await readPixels(join(folder, 'time-1.png'))).toEqual(
      Buffer.from(examplePixels.map((v) => v ^ 1)),
    );
    const known = await readPixels(join(folder, 'known.png'));
    job.mask.bits.forEach((isKnown, pixel) =>
      expect([...known.subarray(3 * pixel, 3 * pixel + 3)]).toEqual(
        isKnown ? [...examplePixels.subarray(3 * pixel, 3 * pixel + 3)] : [128, 128, 128],
      ),
    );
  });

  it('shows its result while the methods that it is compared with are still computed', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await startInpainting(example);
    expect(example.inpaintings.get(id).filled).toBe(0);
    const filled = examplePixels.map((value) => 255 - value);
    host.emit({ type: 'inpaintResult', id, rows: { height: 3, width: 4, pixels: filled } });
    await waitUntil(() => example.inpaintings.get(id).filled > 0);
    expect(example.inpaintings.get(id)).toMatchObject({ status: 'running', result: null });
    expect(await readPixels(join(folder, 'result.png'))).toEqual(Buffer.from(filled));
    expect(readPngText(readFileSync(join(folder, 'result.png')), provenanceKeyword)).not.toBeNull();
    host.emit(inpaintedEvent(job));
    await waitForStatus(example, id, 'finished');
    expect(example.inpaintings.get(id).filled).toBe(0);
    expect(await readPixels(join(folder, 'result.png'))).toEqual(Buffer.from(filled));
  });

  it('stores the provenance in its result and samples', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await startInpainting(example, { samples: 2, seed: 9 });
    host.emit(sampleEvent(id, 1));
    host.emit(inpaintedEvent(job));
    await waitForStatus(example, id, 'finished');
    for (const name of ['result', 'sample-1']) {
      const text = readPngText(readFileSync(join(folder, `${name}.png`)), provenanceKeyword);
      const { checkpointSha256 } = example.inpaintings.get(id);
      expect(provenanceSchema.parse(JSON.parse(text ?? ''))).toEqual({
        inpaintingId: id,
        runName: 'trained',
        checkpointStep: 10,
        checkpointSha256,
        version: '1.2.3',
        ...example.request({ samples: 2, seed: 9 }),
      });
    }
    expect(readPngText(readFileSync(join(folder, 'truth.png')), provenanceKeyword)).toBeNull();
  });

  it('reports progress at most four times per second', async () => {
    const example = await openExampleInpaintings();
    const { host } = await startInpainting(example);
    const startedAt = performance.now();
    for (let done = 0; performance.now() - startedAt < 1000; done++) {
      host.emit({ type: 'progress', phase: 'working', done, total: 1e6 });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(example.updates.length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 250);
    expect(example.updates.length).toBeGreaterThan(1);
  });
});

describe('a rebuilt database', () => {
  it('contains every finished entry with its image and mask, and leaves unreadable folders in place', async () => {
    const example = await openExampleInpaintings();
    const { store } = example;
    const mask = await addMask(store, { width: 4, height: 3, channels: 1, bits: new Uint8Array(12).fill(1) });
    const entries = [{}, { mask: { kind: 'painted' as const, maskId: mask.id } }, { seed: 7 }];
    const ids: string[] = [];
    for (const changes of entries) {
      const { id, host, job } = await startInpainting(example, changes);
      host.emit(inpaintedEvent(job));
      await waitForStatus(example, id, 'finished');
      ids.push(id);
    }
    const before = ids.slice(0, 2).map((id) => getInpainting(store.db, id));
    store.db.exec('DELETE FROM inpaintings; DELETE FROM masks; DELETE FROM pictures;');
    writeFileSync(join(inpaintingFolder(store.dataFolder, ids[2]), 'entry.json'), '{"inpainting":{}}');
    expect(
      tidyInpaintings(store)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['folder not readable', 'inpainting adopted', 'inpainting adopted']);
    expect(ids.slice(0, 2).map((id) => getInpainting(store.db, id))).toEqual(before);
    expect(getMask(store.db, mask.id)).toEqual(mask);
    expect(existsSync(inpaintingFolder(store.dataFolder, ids[2]))).toBe(true);
  });
});

describe('the queue of inpaintings', () => {
  it('computes one entry after the other in a single process', async () => {
    const example = await openExampleInpaintings();
    const first = await startInpainting(example);
    const second = example.inpaintings.start(example.request({ seed: 1 }));
    expect([second.status, first.host.sent.length]).toEqual(['waiting', 1]);
    first.host.emit(inpaintedEvent(first.job));
    await waitForStatus(example, second.id, 'running');
    await waitUntil(() => first.host.sent.length === 2);
    expect(example.hosts).toHaveLength(1);
  });

  it('cancels a waiting entry immediately, and a running one, whose states are kept, as soon as its process confirms', async () => {
    const example = await openExampleInpaintings();
    const { id, host, folder } = await startInpainting(example);
    const other = example.inpaintings.start(example.request({ seed: 1 }));
    expect(example.inpaintings.cancel(other.id).status).toBe('cancelled');
    host.emit(stateEvent(id, 0, 0));
    await waitUntil(() => example.inpaintings.get(id).times.length === 1);
    expect(example.inpaintings.cancel(id)).toMatchObject({ status: 'running', phase: 'cancelling' });
    expect(host.sent.at(-1)).toEqual({ type: 'cancel', id });
    host.emit({ type: 'inpaintingEnded', id, message: null });
    await waitForStatus(example, id, 'cancelled');
    expect(example.inpaintings.get(id)).toMatchObject({ times: [0], error: null, result: null });
    expect(readdirSync(folder)).toEqual(['time-0.png']);
    await startInpainting(example, { seed: 2 });
    expect(example.hosts).toHaveLength(1);
  });

  it('kills a process that does not respond, and starts another one for the next entry', async () => {
    const example = await openExampleInpaintings();
    const { id, host } = await startInpainting(example);
    example.inpaintings.cancel(id);
    await waitForStatus(example, id, 'cancelled');
    expect(host.isGone()).toBe(true);
    await startInpainting(example);
    expect(example.hosts).toHaveLength(2);
  });

  it('stores the message of a crashed process and continues with a new one', async () => {
    const example = await openExampleInpaintings();
    const one = await startInpainting(example);
    const two = example.inpaintings.start(example.request({ seed: 1 }));
    one.host.emit({ type: 'failed', cause: 'error', message: 'No TensorFlow here.' });
    one.host.exit({ code: 0, signal: null });
    await waitForStatus(example, one.id, 'failed');
    expect(example.inpaintings.get(one.id).error).toBe('No TensorFlow here.');
    await waitUntil(() => example.hosts.length === 2);
    example.hosts[1].exit({ code: null, signal: 'SIGKILL' });
    await waitForStatus(example, two.id, 'failed');
    expect(example.inpaintings.get(two.id).error).toMatch(/ended \(SIGKILL\) before it had a result/);
  });

  it('stores the message of a failed job and continues in the same process', async () => {
    const example = await openExampleInpaintings();
    const { id, host } = await startInpainting(example);
    host.emit({ type: 'inpaintingEnded', id, message: 'No pixel is known.' });
    await waitForStatus(example, id, 'failed');
    expect(example.inpaintings.get(id).error).toBe('No pixel is known.');
    await startInpainting(example);
    expect(example.hosts).toHaveLength(1);
  });

  it('reports why files could not be written, and leaves none behind', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await startInpainting(example);
    host.emit(stateEvent(id, 0, 0));
    await waitUntil(() => example.inpaintings.get(id).times.length === 1);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    host.emit(stateEvent(id, 1, 0.5));
    host.emit(inpaintedEvent(job));
    await waitForStatus(example, id, 'failed');
    expect(example.inpaintings.get(id)).toMatchObject({
      error: expect.stringMatching(/is a file, not a folder/),
      times: [],
    });
    expect(existsSync(folder)).toBe(false);
    expect((await startInpainting(example)).host).toBe(host);
  });

  it('interrupts running and waiting entries and purges deleted ones when the application ends', async () => {
    const example = await openExampleInpaintings();
    const done = await startInpainting(example);
    done.host.emit(inpaintedEvent(done.job));
    await waitForStatus(example, done.id, 'finished');
    const { id, host } = await startInpainting(example, { seed: 1 });
    const other = example.inpaintings.start(example.request({ seed: 2 }));
    example.inpaintings.delete([done.id]);
    expect(example.inpaintings.list({ text: '', offset: 0, limit: 9 }).total).toBe(2);
    await example.inpaintings.close();
    expect(host.isGone()).toBe(true);
    expect([id, other.id].map((one) => getInpainting(example.store.db, one).status)).toEqual(
      Array(2).fill('interrupted'),
    );
    expect(existsSync(done.folder)).toBe(false);
    expect(() => getInpainting(example.store.db, done.id)).toThrow(/not in the history any more/);
  });
});

describe('the checkpoint of an inpainting', () => {
  it('is the same for an interrupted entry while it exists, and otherwise the newest', async () => {
    const example = await openExampleInpaintings();
    const { db } = example.store;
    const { id, host, job } = await startInpainting(example);
    addCheckpoint(example.store, example.runId, 20);
    host.emit(inpaintedEvent(job));
    await waitForStatus(example, id, 'finished');
    expect((await startInpainting(example)).job.checkpoint).toMatch(/ckpt-20/);
    const deleteOthers = () => db.prepare('DELETE FROM inpaintings WHERE id <> ?').run(id);
    deleteOthers();
    db.prepare(`UPDATE inpaintings SET status = 'interrupted' WHERE id = ?`).run(id);
    expect(example.inpaintings.start(example.request())).toMatchObject({ checkpointStep: 10 });
    rmSync(checkpointPath(example.store.runFolder(example.runId), 10));
    deleteOthers();
    expect(example.inpaintings.start(example.request())).toMatchObject({ checkpointStep: 20 });
  });

  it('is replaced by the newest one if a training removes it while the entry waits', async () => {
    const example = await openExampleInpaintings();
    const first = await startInpainting(example);
    const second = example.inpaintings.start(example.request({ seed: 1 }));
    addCheckpoint(example.store, example.runId, 20);
    rmSync(checkpointPath(example.store.runFolder(example.runId), 10));
    first.host.emit(inpaintedEvent(first.job));
    await waitUntil(() => example.newestJob().id === second.id);
    expect(example.newestJob().checkpoint).toMatch(/ckpt-20/);
    expect(example.inpaintings.get(second.id).checkpointStep).toBe(20);
  });
});

describe('an impossible inpainting', () => {
  it('is refused with the value found and the value expected', async () => {
    const example = await openExampleInpaintings();
    const { store, inpaintings, request } = example;
    const start = (changes: object) => () => inpaintings.start(request(changes));
    expect(start({ pictureId: '0'.repeat(16) })).toThrow(/Image 0+ is not here any more/);
    expect(start({ mask: { kind: 'painted', maskId: '0'.repeat(16) } })).toThrow(/Mask 0+ is not here/);
    expect(start({ runId: 'zzzzzzzz' })).toThrow(/No run "zzzzzzzz"/);
    const { id: fresh } = insertExampleRun(store, 'fresh');
    expect(start({ runId: fresh })).toThrow(/"fresh" has no checkpoint yet, and an inpainting needs one/);
    const createMask = (width: number, value: number) =>
      addMask(store, { width, height: 3, channels: 1, bits: new Uint8Array(width * 3).fill(value) });
    const small = await createMask(2, 1);
    const empty = await createMask(4, 0);
    expect(start({ mask: { kind: 'painted', maskId: small.id } })).toThrow(/2 × 3 pixels, the image 4 × 3/);
    expect(start({ mask: { kind: 'painted', maskId: empty.id } })).toThrow(/no known pixel, at least 1/);
    store.db.prepare('UPDATE pictures SET width = 2000, height = 2000').run();
    expect(start({ scale: 4 })).toThrow(/8000 × 8000 pixels; at most 40 million/);
    expect(inpaintings.list({ text: '', offset: 0, limit: 9 }).total).toBe(0);
  });

  it('fails with an error in its entry if the file of the image is missing or damaged', async () => {
    const example = await openExampleInpaintings();
    const file = imageFile(example.store.dataFolder, example.image.id);
    writeFileSync(file, readFileSync(file).subarray(0, 40));
    const damaged = example.inpaintings.start(example.request());
    await waitForStatus(example, damaged.id, 'failed');
    expect(example.inpaintings.get(damaged.id).error).toMatch(
      /cannot be read \(.*Add the image or mask again/,
    );
    rmSync(file);
    const gone = example.inpaintings.start(example.request());
    await waitForStatus(example, gone.id, 'failed');
    expect(example.hosts).toEqual([]);
  });
});
