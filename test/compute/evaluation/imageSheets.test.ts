import { describe, expect, it } from 'vitest';
import { createSheetEmitter, previewRows } from '../../../main/compute/evaluation/imageSheets.ts';
import type { SheetEvent } from '../../../main/compute/protocol.ts';
import type { SampledChunk } from '../../../main/compute/sampling/reconstructImages.ts';
import { imageAt, type ImageBatch, observe } from '../../../shared/images/image.ts';

/** `count` images of one colour each: image i has (i + 1) / 255 everywhere. */
function plainImages(count: number, size = 2): ImageBatch {
  const values = Float32Array.from({ length: count * size * size * 3 }, (_, position) => {
    return (Math.floor(position / (size * size * 3)) + 1) / 255;
  });
  return { count, height: size, width: size, values };
}

function emitSheets(
  truth: ImageBatch,
  results: Readonly<Record<string, ImageBatch>>,
  chunks: Readonly<Record<string, readonly SampledChunk[]>> = {},
): SheetEvent[] {
  const sheets: SheetEvent[] = [];
  const observations = Array.from({ length: truth.count }, (_, image) =>
    observe(imageAt(truth, image), Int32Array.of(1)),
  );
  const emitter = createSheetEmitter({ truth, observations }, (event) => sheets.push(event));
  for (const [method, result] of Object.entries(results)) {
    (chunks[method] ?? []).forEach(emitter.stateListener.take);
    emitter.onReconstructed(method, result);
  }
  return sheets;
}

describe('the sheets of an evaluation', () => {
  it('are the truth, what is known, and each row', () => {
    const truth = plainImages(3);
    const sheets = emitSheets(truth, { linear: truth, flow: truth });
    expect(sheets.map(({ name }) => name)).toEqual(['truth', 'known', 'linear', 'flow']);
    expect(sheets.map(({ rows }) => rows.channels)).toEqual([3, 4, 3, 3]);
  });

  it('hold image i at column i mod 10, row ⌊i / 10⌋', () => {
    const [truth] = emitSheets(plainImages(12), { linear: plainImages(12) });
    expect(truth).toMatchObject({ images: 12, columns: 10, rows: { width: 20, height: 4 } });
    const red = (x: number, y: number) => truth.rows.pixels[(y * 20 + x) * 3];
    expect([red(0, 0), red(19, 1), red(1, 2), red(2, 3), red(4, 3)]).toEqual([1, 10, 11, 12, 0]);
  });

  it('are transparent where nothing is known', () => {
    const [, known] = emitSheets(plainImages(1), { linear: plainImages(1) });
    expect([...known.rows.pixels]).toEqual([0, 0, 0, 0, 1, 1, 1, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('cut off what lies outside the range instead of wrapping it round', () => {
    const wild = {
      ...plainImages(1),
      values: Float32Array.from([-0.5, 1.5, ...Array<number>(10).fill(0.5)]),
    };
    const sheets = emitSheets(plainImages(1), { wild });
    expect([...sheets[2].rows.pixels.slice(0, 3)]).toEqual([0, 255, 128]);
  });

  it('keep a hundred small images, and fewer where they are large', () => {
    expect(emitSheets(plainImages(130), { a: plainImages(130) })[0].images).toBe(100);
    expect(emitSheets(plainImages(40, 256), { a: plainImages(40, 256) })[0].images).toBe(16);
  });
});

describe('the states of a sample', () => {
  const size = 2 * 2 * 3;
  /** Images that are as red as their number and the place show. */
  const chunkOf = (first: number, count: number, at: readonly (readonly [number, number])[]) => ({
    first,
    count,
    samples: [],
    milliseconds: [],
    states: Array.from({ length: count }, (_, image) =>
      at.map(([place, time]) => ({
        place,
        time,
        values: new Float32Array(size).fill((10 * (first + image) + place) / 255),
      })),
    ),
  });
  const red = ({ rows }: SheetEvent, image: number) => rows.pixels[(image % 10) * 2 * 3];

  it('come before their row, without the end, which is the row itself', () => {
    const truth = plainImages(2);
    const ways = {
      flow: [
        chunkOf(0, 2, [
          [0, 0],
          [4, 0.5],
          [8, 1],
        ]),
      ],
    };
    const sheets = emitSheets(truth, { linear: truth, flow: truth, mean: truth }, ways);
    expect(sheets.map(({ name, times }) => [name, times])).toEqual([
      ...[['truth'], ['known'], ['linear']].map(([name]) => [name, undefined]),
      ['flow', [0]],
      ['flow', [0.5]],
      ['flow', undefined],
      ['mean', undefined],
    ]);
    expect(sheets.slice(3, 5).map((sheet) => [red(sheet, 0), red(sheet, 1)])).toEqual([
      [0, 10],
      [4, 14],
    ]);
  });

  it('have a time each where the solver took other steps with other images', () => {
    const truth = plainImages(2);
    const ways = {
      flow: [
        chunkOf(0, 1, [
          [0, 0],
          [3, 0.4],
          [8, 1],
        ]),
        chunkOf(1, 1, [
          [0, 0],
          [1, 0.2],
          [3, 0.45678],
          [8, 1],
        ]),
      ],
    };
    const [, , ...states] = emitSheets(truth, { flow: truth }, ways).slice(0, -1);
    expect(states.map(({ times }) => times)).toEqual([[0], [0, 0.2], [0.4, 0.4568]]);
    expect(states.map((sheet) => [red(sheet, 0), red(sheet, 1)])).toEqual([
      [0, 10],
      [0, 11],
      [3, 13],
    ]);
  });

  it('are of the images that are kept, and cut off what lies outside the range', () => {
    const truth = plainImages(104);
    const chunk = chunkOf(96, 8, [
      [0, 0],
      [4, 0.5],
      [8, 1],
    ]);
    chunk.states[0][0].values.set([-3, 7], 0);
    const [state, next] = emitSheets(
      truth,
      { flow: truth },
      { flow: [chunkOf(0, 96, [[0, 0]]), chunk] },
    ).slice(2);
    expect([state.images, state.rows.height]).toEqual([100, 20]);
    expect(next.times).toEqual([...Array<number>(96).fill(0), ...Array<number>(4).fill(0.5)]);
    const start = 18 * 20 * 3 + 6 * 2 * 3;
    expect([...state.rows.pixels.slice(start, start + 2)]).toEqual([0, 255]);
  });
});

/** Two images of 1 × 2 pixels whose channels are `first`, `first` + 1, … in 8-bit steps. */
function pictures(first: number): ImageBatch {
  const values = Float32Array.from({ length: 12 }, (_, index) => (first + index) / 255);
  return { count: 2, height: 1, width: 2, values };
}

describe('previewRows', () => {
  it('puts truth, observed pixels on grey, and result side by side, one image below the other', () => {
    const truth = pictures(0);
    const observations = [
      observe(imageAt(truth, 0), Int32Array.of(1)),
      observe(imageAt(truth, 1), Int32Array.of(0)),
    ];
    const { height, width, pixels } = previewRows(truth, observations, pictures(100));
    expect([height, width]).toEqual([2, 6]);
    const grey = [128, 128, 128];
    expect([...pixels.subarray(0, 18)]).toEqual([
      0,
      1,
      2,
      3,
      4,
      5,
      ...grey,
      3,
      4,
      5,
      100,
      101,
      102,
      103,
      104,
      105,
    ]);
    expect([...pixels.subarray(18)]).toEqual([
      6,
      7,
      8,
      9,
      10,
      11,
      6,
      7,
      8,
      ...grey,
      106,
      107,
      108,
      109,
      110,
      111,
    ]);
  });
});
