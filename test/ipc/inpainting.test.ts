import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readPngText } from '../../shared/images/pngText.ts';
import {
  inpaintingMedia,
  maskMedia,
  imageMedia,
  provenanceKeyword,
  stripMedia,
} from '../../shared/inpainting.ts';
import { drawMask } from '../../shared/masks/laws.ts';
import { decodeImageBytes } from '../../main/datasets/decodeImage.ts';
import { imageIdOf } from '../../main/jobs/inpainting/userImages.ts';
import { openStore } from '../../main/store/store.ts';
import {
  addCheckpoint,
  inpaintedEvent,
  sampleEvent,
  stateEvent,
} from '../jobs/inpainting/exampleInpaintings.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { type ExampleLaboratory, openExampleLaboratory, waitUntil } from './exampleLaboratory.ts';

const bytes = Uint8Array.from({ length: 36 }, (_, index) => 5 * index);
const pngOf = async (pixels: Uint8Array, width: number, channels: 3 | 4 = 3) => {
  const raw = { width, height: pixels.length / width / channels, channels };
  return new Uint8Array(await sharp(pixels, { raw }).png().toBuffer());
};
const image = { name: 'boat.png', bytes: await pngOf(bytes, 4) };

async function openTrained(): Promise<ExampleLaboratory & { readonly runId: string }> {
  const example = await openExampleLaboratory();
  const store = openStore(example.folder);
  const { id: runId } = insertExampleRun(store, 'trained');
  addCheckpoint(store, runId, 10);
  store.close();
  return { ...example, runId };
}

async function readMedia({ laboratory }: ExampleLaboratory, path: string): Promise<number[]> {
  const media = await laboratory.media(path);
  if (!media || !('file' in media)) throw new Error(`${path} was expected to be a file.`);
  return [...(await sharp(readFileSync(media.file)).raw().toBuffer())];
}

describe('the advice on a mask', () => {
  it('warns of holes that a run was not trained with, and of nothing else; missing runs are left out', async () => {
    const { ask, runId } = await openTrained();
    const runIds = ['aaaaaaaa', runId];
    const random = { known: 0.2, depth: 4, isolated: 0.4 };
    const training = { trainedOn: 'random pixels of 32 × 32 images', imageSize: 32, isCropped: false };
    expect(await ask('inpaint.advise', { ...random, runIds })).toEqual([
      { runId, ...training, warning: null, obstacle: null },
    ]);
    const hole = { known: 0.9, depth: 20, isolated: 0 };
    expect(await ask('inpaint.advise', { ...hole, runIds })).toEqual([
      {
        runId,
        ...training,
        warning: expect.stringMatching(/^Trained on random pixels of 32 × 32 images/),
        obstacle: null,
      },
    ]);
    const mosaic = { channels: 3, known: 1 / 3, depth: 2, isolated: 1 } as const;
    expect(await ask('inpaint.advise', { ...mosaic, runIds })).toMatchObject([
      { runId, obstacle: expect.stringMatching(/^This mask shows single channels of pixels/) },
    ]);
  });
});

describe('an added image', () => {
  it('keeps its ID however often it is added, and is served bit for bit', async () => {
    const example = await openTrained();
    const { image: first, thumbnail } = await example.ask('pictures.add', image);
    const { image: again } = await example.ask('pictures.add', { ...image, name: 'other name.png' });
    expect(first).toMatchObject({ name: 'boat.png', width: 4, height: 3 });
    expect(thumbnail).toMatch(/^data:image\/png;base64,iVBOR/);
    expect(again).toEqual({ ...first, name: 'other name.png' });
    expect(await example.ask('pictures.get', { id: first.id })).toEqual(again);
    expect(
      (await example.expectFailure('pictures.get', { id: '0'.repeat(first.id.length) })).message,
    ).toMatch(/is not here any more\. Add its file again\./);
    expect(await readMedia(example, imageMedia(first.id))).toEqual([...bytes]);
    const turned = await example.ask('pictures.add', { name: 'boat.png', bytes: await pngOf(bytes, 3) });
    expect(turned.image.id).not.toBe(first.id);
  });

  it('has the same ID as in the terminal', async () => {
    const example = await openTrained();
    const { image: added } = await example.ask('pictures.add', image);
    const decoded = await decodeImageBytes(image.bytes);
    expect(added.id).toBe(imageIdOf(decoded));
  });

  it('has its transparent pixels hidden and no truth to score, unless they are shown over a background', async () => {
    const example = await openTrained();
    const { ask, hosts, runId } = example;
    const rgba = Uint8Array.from({ length: 48 }, (_, index) => (index === 7 ? 0 : index % 4 === 3 ? 255 : 9));
    const hole = { name: 'hole.png', bytes: await pngOf(rgba, 4, 4) };
    const { image: shown } = await ask('pictures.add', {
      ...hole,
      hidesTransparent: false,
      background: '#204060',
    });
    expect((await readMedia(example, imageMedia(shown.id))).slice(3, 6)).toEqual([0x20, 0x40, 0x60]);
    const { image: hidden, notes } = await ask('pictures.add', hole);
    expect(hidden.id).not.toBe(shown.id);
    expect(notes).toEqual([
      '1 transparent pixel (8.3 %): hidden, to be filled in. There is no truth to score them against.',
    ]);
    const entry = await ask('inpaint.start', { pictureId: hidden.id, runId, mask: { kind: 'drawn' } });
    expect(entry.request.truthIsKnown).toBe(false);
    await waitUntil(() => hosts[0]?.sent.length === 1);
    const [command] = hosts[0].sent;
    if (command.type !== 'inpaint') throw new Error('An inpainting was expected.');
    expect([...(command.job.opaque ?? [])]).toEqual([1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(command.job.truthIsKnown).toBe(false);
  });

  it('is rejected with the reason if it cannot be read', async () => {
    const { expectFailure } = await openTrained();
    const message = async (changes: object) =>
      (await expectFailure('pictures.add', { ...image, ...changes })).message;
    expect(await message({ bytes: Uint8Array.from(Buffer.from('GIF89a, as it seems')) })).toBe(
      'This is a GIF image, which cannot be read here. Export it as JPEG or PNG.',
    );
    expect(await message({ bytes: image.bytes.slice(0, 60) })).toBe(
      'This PNG file is cut short: it is damaged.',
    );
    const bomb = image.bytes.slice();
    new DataView(bomb.buffer).setUint32(16, 20_000_000);
    expect(await message({ bytes: bomb })).toMatch(/at most 40 megapixels can be used at full size/);
    expect(await message({ bytes: [1, 2, 3] })).toMatch(/^bytes: /);
    expect(await message({ name: 'x'.repeat(256) })).toMatch(/^name: /);
    expect(await message({ background: 'url(x)' })).toMatch(/^background: /);
  });
});

describe('an added mask', () => {
  it('is served with known pixels in white', async () => {
    const example = await openTrained();
    const known = Uint8Array.from([1, 0, 0, 1]);
    const mask = await example.ask('masks.add', { width: 2, height: 2, bytes: known });
    expect(mask).toMatchObject({ width: 2, height: 2, observed: 2 });
    const media = await example.laboratory.media(maskMedia(mask.id));
    const grey = media && 'file' in media ? await sharp(media.file).extractChannel(0).raw().toBuffer() : [];
    expect([...grey]).toEqual([255, 0, 0, 255]);
  });

  it('can be read from a file, with a warning if white seems to mark the hidden pixels', async () => {
    const example = await openTrained();
    const size = { width: 16, height: 16 };
    const disc = Uint8Array.from({ length: 256 }, (_, pixel) =>
      Math.hypot((pixel % 16) - 8, Math.floor(pixel / 16) - 8) < 4 ? 255 : 0,
    );
    const file = await sharp(disc, { raw: { ...size, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const { mask, inverted } = await example.ask('masks.read', { ...size, bytes: new Uint8Array(file) });
    expect(mask).toMatchObject({ ...size, observed: disc.filter((value) => value > 0).length });
    expect(inverted).toContain('White means known here');
    const { message } = await example.expectFailure('masks.read', {
      width: 16,
      height: 9,
      bytes: new Uint8Array(file),
    });
    expect(message).toBe('The mask has 16 × 16 pixels, the image 16 × 9. Give a mask of the image’s size.');
  });

  it('is rejected if it has invalid bytes or another size', async () => {
    const { expectFailure } = await openTrained();
    const message = async (values: number[]) =>
      (await expectFailure('masks.add', { width: 2, height: 2, bytes: Uint8Array.from(values) })).message;
    expect(await message([0, 1, 255, 1])).toMatch(
      /a byte of 255 found, 0 \(unknown\) or 1 \(known\) expected/,
    );
    expect(await message([0, 1, 1])).toMatch(/3 bytes found, 2 × 2 = 4 expected/);
  });

  it('of single channels is served in colour, and a file of it is read as the same mask', async () => {
    const example = await openTrained();
    const size = { width: 4, height: 2, channels: 3 } as const;
    const { bits } = drawMask({ law: 'bayer', keepRatio: 1, seed: 0, ...size });
    const added = await example.ask('masks.add', { ...size, bytes: bits });
    expect(added).toMatchObject({ width: 4, height: 2, observed: 8 });
    const media = await example.laboratory.media(maskMedia(added.id));
    if (!media || !('file' in media)) throw new Error('The mask is not served.');
    expect([...(await sharp(media.file).raw().toBuffer())]).toEqual([...bits].map((bit) => 255 * bit));
    const bytes = new Uint8Array(readFileSync(media.file));
    const { mask, notes } = await example.ask('masks.read', { width: 4, height: 2, bytes });
    expect(mask).toEqual(added);
    expect(notes[0]).toContain('Each of its channels is a mask of its own: 33 %');
    const { message } = await example.expectFailure('masks.add', { ...size, bytes: bits.slice(1) });
    expect(message).toMatch(/23 bytes found, 4 × 2 × 3 = 24 expected/);
  });
});

describe('an inpainting', () => {
  it('sends events while it is computed, and its images are served, listed, deleted and restored', async () => {
    const example = await openTrained();
    const { ask, hosts, sentEvents, laboratory, runId } = example;
    const { id: pictureId } = (await ask('pictures.add', image)).image;
    const { id } = await ask('inpaint.start', { pictureId, runId, mask: { kind: 'drawn' } });
    expect(sentEvents('inpaint.listChanged')).toHaveLength(1);
    await waitUntil(() => hosts[0]?.sent.length === 1);
    const [command] = hosts[0].sent;
    if (command.type !== 'inpaint') throw new Error('An inpainting was expected.');
    expect(laboratory.isBusy()).toBe(false);
    hosts[0].emit({
      type: 'inpaintState',
      id,
      index: 0,
      time: 0,
      rows: { width: 4, height: 3, pixels: bytes },
    });
    await waitUntil(() => sentEvents('inpaint.changed').some(({ times }) => times.length === 1));
    hosts[0].emit(inpaintedEvent(command.job));
    await waitUntil(() => sentEvents('inpaint.changed').at(-1)?.status === 'finished');
    expect(await readMedia(example, inpaintingMedia(id, 'result'))).toEqual([...bytes].map((v) => 255 - v));
    expect(await readMedia(example, inpaintingMedia(id, 'time-0'))).toEqual([...bytes]);
    const thumbnail = await readMedia(example, inpaintingMedia(id, 'thumbnail'));
    expect(thumbnail).toEqual([...bytes].map((v) => 255 - v));
    rmSync(join(example.folder, 'inpaintings', id, 'thumbnail.png'));
    expect(await readMedia(example, inpaintingMedia(id, 'thumbnail'))).toEqual(thumbnail);
    expect(await ask('inpaint.list', { text: 'BOAT' })).toMatchObject({ total: 1, entries: [{ id }] });
    expect(await ask('inpaint.list', { text: 'other' })).toEqual({ total: 0, entries: [], batches: [] });
    await ask('inpaint.delete', { ids: [id] });
    expect((await ask('inpaint.list', {})).total).toBe(0);
    await ask('inpaint.restore', { ids: [id] });
    expect((await ask('inpaint.list', {})).total).toBe(1);
  });

  it('that was started with others is listed as part of their batch, which its files do not mention', async () => {
    const example = await openTrained();
    const { ask, hosts, runId } = example;
    const { id: pictureId } = (await ask('pictures.add', image)).image;
    const start = { pictureId, runId, mask: { kind: 'drawn' }, batchId: 'bbbbbbbb' } as const;
    const { id } = await ask('inpaint.start', start);
    const { id: second } = await ask('inpaint.start', { ...start, seed: 1 });
    await waitUntil(() => hosts[0]?.sent.length === 1);
    const [command] = hosts[0].sent;
    if (command.type !== 'inpaint') throw new Error('An inpainting was expected.');
    hosts[0].emit(inpaintedEvent(command.job));
    await waitUntil(() => example.sentEvents('inpaint.changed').some(({ status }) => status === 'finished'));
    const { batches } = await ask('inpaint.list', {});
    expect(batches).toMatchObject([
      { id: 'bbbbbbbb', entryIds: [second, id], finished: 1, scored: 1, psnr: { mean: 18 }, seconds: 0.5 },
    ]);
    const media = await example.laboratory.media(inpaintingMedia(id, 'result'));
    const file = media && 'file' in media ? readFileSync(media.file) : Buffer.of();
    expect(readPngText(new Uint8Array(file), provenanceKeyword)).toContain(pictureId);
    expect(readPngText(new Uint8Array(file), provenanceKeyword)).not.toContain('batch');
  });

  it('of several samples has a figure of them side by side, which is drawn when it is requested', async () => {
    const example = await openTrained();
    const { ask, hosts, runId, laboratory } = example;
    const { id: pictureId } = (await ask('pictures.add', image)).image;
    const { id } = await ask('inpaint.start', { pictureId, runId, mask: { kind: 'drawn' }, samples: 2 });
    await waitUntil(() => hosts[0]?.sent.length === 1);
    const [command] = hosts[0].sent;
    if (command.type !== 'inpaint') throw new Error('An inpainting was expected.');
    expect(await laboratory.media(stripMedia(id))).toBeNull();
    hosts[0].emit(sampleEvent(id, 1));
    hosts[0].emit(sampleEvent(id, 2));
    hosts[0].emit(inpaintedEvent(command.job, { deviation: new Uint8Array(12), largestDeviation: 0.1 }));
    await waitUntil(() => example.sentEvents('inpaint.changed').some(({ status }) => status === 'finished'));
    const media = await laboratory.media(stripMedia(id));
    const figure = media && 'bytes' in media ? media.bytes : new Uint8Array();
    // Truth, known pixels, mean, two samples, deviation and error in columns of at least 104 pixels.
    expect((await sharp(figure).metadata()).width).toBeGreaterThan(7 * 104);
    expect(readPngText(figure, provenanceKeyword)).toContain(id);
    const { id: single } = await ask('inpaint.start', { pictureId, runId, mask: { kind: 'drawn' } });
    expect(await laboratory.media(stripMedia(single))).toBeNull();
  });

  it('is kept over a restart, and interrupted if it was being computed', async () => {
    const example = await openTrained();
    const { id: pictureId } = (await example.ask('pictures.add', image)).image;
    const { id } = await example.ask('inpaint.start', {
      pictureId,
      runId: example.runId,
      mask: { kind: 'drawn' },
    });
    await waitUntil(() => example.hosts[0]?.sent.length === 1);
    example.hosts[0].emit(stateEvent(id, 0, 0));
    await waitUntil(() => example.sentEvents('inpaint.changed').some(({ times }) => times.length === 1));
    await example.laboratory.close();
    const next = await openExampleLaboratory({}, example.folder);
    expect(await next.ask('inpaint.get', { id })).toMatchObject({ status: 'interrupted', times: [0] });
    expect(await next.laboratory.media(inpaintingMedia(id, 'time-0'))).not.toBeNull();
  });

  it('is rejected with a fitting code if its image, run or mask is missing or invalid', async () => {
    const { ask, expectFailure, runId } = await openTrained();
    const { id: pictureId } = (await ask('pictures.add', image)).image;
    const code = async (changes: object) => {
      const request = { pictureId, runId, mask: { kind: 'drawn' as const }, ...changes };
      return (await expectFailure('inpaint.start', request)).code;
    };
    expect(await code({ pictureId: '0'.repeat(16) })).toBe('notFound');
    expect(await code({ runId: 'zzzzzzzz' })).toBe('notFound');
    expect(await code({ pictureId: '../../etc/passwd' })).toBe('invalid');
    expect(await code({ mask: { kind: 'painted', maskId: '../x' } })).toBe('invalid');
    const { id: fresh } = await ask('training.demo', {});
    expect(await code({ runId: fresh })).toBe('conflict');
    expect((await expectFailure('inpaint.prepare', { runId: fresh })).code).toBe('conflict');
    expect((await expectFailure('inpaint.get', { id: 'zzzzzzzz' })).code).toBe('notFound');
    expect((await expectFailure('inpaint.cancel', { id: 'zzzzzzzz' })).code).toBe('notFound');
  });

  it.each([
    'inpaintings/zzzzzzzz/result.png',
    'inpaintings/../lab.sqlite',
    'inpaintings/abcdefgh/../../lab.sqlite',
    'inpaintings/abcdefgh/entry.json',
    'inpaintings/abcdefgh/time-01.png',
    'inpaintings/abcdefgh/result.png\n',
    'pictures/0123456789ABCDEF.png',
    'pictures/../runs.png',
    'masks/0123456789abcdef',
    'masks/0123456789abcdef.png',
  ])('serves nothing at %j', async (path) => {
    expect(await (await openTrained()).laboratory.media(path)).toBeNull();
  });
});
