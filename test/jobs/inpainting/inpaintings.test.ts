import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { provenanceKeyword, provenanceSchema } from '../../../shared/inpainting.ts';
import { drawPatternMask } from '../../../shared/images/patternMask.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { addMask } from '../../../main/jobs/inpainting/userImages.ts';
import { inpaintingFolder } from '../../../main/store/dataFolder.ts';
import { checkpointPath } from '../../../main/store/files/checkpointFile.ts';
import { getInpainting, getMask } from '../../../main/store/inpaintings/inpaintings.ts';
import { tidyInpaintings } from '../../../main/store/inpaintings/tidyInpaintings.ts';
import { waitUntil } from '../../ipc/exampleLaboratory.ts';
import {
  addCheckpoint,
  begin,
  examplePixels,
  inpaintedEvent,
  openExampleInpaintings,
  reaches,
  sampleEvent,
  stateEvent,
} from './exampleInpaintings.ts';

const pixelsOf = (file: string) => sharp(file).raw().toBuffer();

describe('an inpainting', () => {
  it('gets the image, the mask of its seed and the newest checkpoint', async () => {
    const example = await openExampleInpaintings();
    const sha256 = addCheckpoint(example.store, example.runId, 20);
    const { id, job } = await begin(example, { steps: 3, seed: 5 });
    expect(Buffer.from(job.pixels).equals(Buffer.from(examplePixels))).toBe(true);
    expect(job.mask).toEqual(
      drawPatternMask({ pattern: 'uniform', keepRatio: 0.2, seed: 42, width: 4, height: 3 }),
    );
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
      image: example.picture,
    });
  });

  it('that is fitted gets its drawn mask for the small square, a painted one as it is', async () => {
    const example = await openExampleInpaintings();
    const { job, host } = await begin(example, { fit: 'fit' });
    expect(job.mask).toMatchObject({ width: 32, height: 32 });
    host.emit(inpaintedEvent(job, { width: 4, height: 3, mask: new Uint8Array(12) }));
    const bits = Uint8Array.from({ length: 12 }, (_, index) => index % 2);
    const mask = await addMask(example.store, { width: 4, height: 3, bits });
    expect(mask.observed).toBe(6);
    const painted = await begin(example, { fit: 'fit', mask: { kind: 'painted', maskId: mask.id } });
    expect(painted.job.mask).toEqual({ width: 4, height: 3, bits });
  });

  it('shows its states as they come and keeps every image bit for bit', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await begin(example, { samples: 2 });
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
    await reaches(example, id, 'finished');
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
      'thin-plate',
    ];
    expect(readdirSync(folder).toSorted()).toEqual(
      [...names, 'thumbnail', 'time-0', 'time-1', 'truth']
        .map((name) => `${name}.png`)
        .toSpliced(2, 0, 'entry.json'),
    );
    expect(await pixelsOf(join(folder, 'result.png'))).toEqual(
      Buffer.from(examplePixels.map((v) => 255 - v)),
    );
    expect(await pixelsOf(join(folder, 'time-1.png'))).toEqual(Buffer.from(examplePixels.map((v) => v ^ 1)));
    const known = await pixelsOf(join(folder, 'known.png'));
    job.mask.bits.forEach((isKnown, pixel) =>
      expect([...known.subarray(3 * pixel, 3 * pixel + 3)]).toEqual(
        isKnown ? [...examplePixels.subarray(3 * pixel, 3 * pixel + 3)] : [128, 128, 128],
      ),
    );
  });

  it('says in its result and samples how they came about', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await begin(example, { samples: 2, seed: 9 });
    host.emit(sampleEvent(id, 1));
    host.emit(inpaintedEvent(job));
    await reaches(example, id, 'finished');
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

  it('is reported at most four times a second', async () => {
    const example = await openExampleInpaintings();
    const { host } = await begin(example);
    const startedAt = performance.now();
    for (let done = 0; performance.now() - startedAt < 1000; done++) {
      host.emit({ type: 'progress', phase: 'working', done, total: 1e6 });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(example.told.length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 250);
    expect(example.told.length).toBeGreaterThan(1);
  });
});

describe('a database made again', () => {
  it('has every finished entry again, with its image and mask; files that cannot be read stay', async () => {
    const example = await openExampleInpaintings();
    const { store } = example;
    const mask = await addMask(store, { width: 4, height: 3, bits: new Uint8Array(12).fill(1) });
    const entries = [{}, { mask: { kind: 'painted' as const, maskId: mask.id } }, { seed: 7 }];
    const ids: string[] = [];
    for (const changes of entries) {
      const { id, host, job } = await begin(example, changes);
      host.emit(inpaintedEvent(job));
      await reaches(example, id, 'finished');
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

describe('the queue', () => {
  it('computes one after the other, in one process', async () => {
    const example = await openExampleInpaintings();
    const first = await begin(example);
    const second = example.inpaintings.start(example.request({ seed: 1 }));
    expect([second.status, first.host.sent.length]).toEqual(['waiting', 1]);
    first.host.emit(inpaintedEvent(first.job));
    await reaches(example, second.id, 'running');
    await waitUntil(() => first.host.sent.length === 2);
    expect(example.hosts).toHaveLength(1);
  });

  it('takes out what waits at once, and what is computed when the process has let go; its states stay', async () => {
    const example = await openExampleInpaintings();
    const { id, host, folder } = await begin(example);
    const other = example.inpaintings.start(example.request({ seed: 1 }));
    expect(example.inpaintings.cancel(other.id).status).toBe('cancelled');
    host.emit(stateEvent(id, 0, 0));
    await waitUntil(() => example.inpaintings.get(id).times.length === 1);
    expect(example.inpaintings.cancel(id)).toMatchObject({ status: 'running', phase: 'cancelling' });
    expect(host.sent.at(-1)).toEqual({ type: 'cancel', id });
    host.emit({ type: 'inpaintingEnded', id, message: null });
    await reaches(example, id, 'cancelled');
    expect(example.inpaintings.get(id)).toMatchObject({ times: [0], error: null, result: null });
    expect(readdirSync(folder)).toEqual(['time-0.png']);
    await begin(example, { seed: 2 });
    expect(example.hosts).toHaveLength(1);
  });

  it('ends a process that does not listen, and starts another for the next', async () => {
    const example = await openExampleInpaintings();
    const { id, host } = await begin(example);
    example.inpaintings.cancel(id);
    await reaches(example, id, 'cancelled');
    expect(host.isGone()).toBe(true);
    await begin(example);
    expect(example.hosts).toHaveLength(2);
  });

  it('keeps the message of a process that crashed, and continues with a new one', async () => {
    const example = await openExampleInpaintings();
    const [one, two] = [await begin(example), example.inpaintings.start(example.request({ seed: 1 }))];
    one.host.emit({ type: 'failed', cause: 'error', message: 'No TensorFlow here.' });
    one.host.exit({ code: 0, signal: null });
    await reaches(example, one.id, 'failed');
    expect(example.inpaintings.get(one.id).error).toBe('No TensorFlow here.');
    await waitUntil(() => example.hosts.length === 2);
    example.hosts[1].exit({ code: null, signal: 'SIGKILL' });
    await reaches(example, two.id, 'failed');
    expect(example.inpaintings.get(two.id).error).toMatch(/ended \(SIGKILL\) before it had a result/);
  });

  it('keeps the words of a job that failed, in the same process', async () => {
    const example = await openExampleInpaintings();
    const { id, host } = await begin(example);
    host.emit({ type: 'inpaintingEnded', id, message: 'No pixel is known.' });
    await reaches(example, id, 'failed');
    expect(example.inpaintings.get(id).error).toBe('No pixel is known.');
    await begin(example);
    expect(example.hosts).toHaveLength(1);
  });

  it('fails with the reason where the disk refuses, and leaves nothing of it', async () => {
    const example = await openExampleInpaintings();
    const { id, host, job, folder } = await begin(example);
    host.emit(stateEvent(id, 0, 0));
    await waitUntil(() => example.inpaintings.get(id).times.length === 1);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    host.emit(stateEvent(id, 1, 0.5));
    host.emit(inpaintedEvent(job));
    await reaches(example, id, 'failed');
    expect(example.inpaintings.get(id)).toMatchObject({
      error: expect.stringMatching(/is a file, not a folder/),
      times: [],
    });
    expect(existsSync(folder)).toBe(false);
    expect((await begin(example)).host).toBe(host);
  });

  it('at the end of the application interrupts what is computed and what waits, and purges what was deleted', async () => {
    const example = await openExampleInpaintings();
    const done = await begin(example);
    done.host.emit(inpaintedEvent(done.job));
    await reaches(example, done.id, 'finished');
    const { id, host } = await begin(example, { seed: 1 });
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
