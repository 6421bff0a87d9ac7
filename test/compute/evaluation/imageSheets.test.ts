import { describe, expect, it } from 'vitest';
import { createSheetEmitter, previewRows } from '../../../main/compute/evaluation/imageSheets.ts';
import type { SheetEvent } from '../../../main/compute/protocol.ts';
import type { SampledChunk } from '../../../main/compute/sampling/reconstructImages.ts';
import { imageAt, type ImageBatch, observe } from '../../../shared/images/image.ts';

/** Returns `count` uniform images: image i is (i + 1) / 255 everywhere. */
function createUniformImages(count: number, size = 2): ImageBatch {
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
  it('are the truth, the observed pixels, and one per row', () => {
    const truth = createUniformImages(3);
    const sheets = emitSheets(truth, { linear: truth, flow: truth });
    expect(sheets.map(({ name }) => name)).toEqual(['truth', 'known', 'linear', 'flow']);
    expect(sheets.map(({ rows }) => rows.channels)).toEqual([3, 4, 3, 3]);
  });

  it('show image i at column i mod 10 and row ⌊i / 10⌋', () => {
    const [truth] = emitSheets(createUniformImages(12), { linear: createUniformImages(12) });
    expect(truth).toMatchObject({ images: 12, columns: 10, rows: { width: 20, height: 4 } });
    const red = (x: number, y: number) => truth.rows.pixels[(y * 20 + x) * 3];
    expect([red(0, 0), red(19, 1), red(1, 2), red(2, 3), red(4, 3)]).toEqual([1, 10, 11, 12, 0]);
  });

  it('are transparent where no pixel is observed', () => {
    const [, known] = emitSheets(createUniformImages(1), { linear: createUniformImages(1) });
    expect([...known.rows.pixels]).toEqual([0, 0, 0, 0, 1, 1, 1, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('clip values outside the range instead of wrapping them round', () => {
    const wild = {
      ...createUniformImages(1),
      values: Float32Array.from([-0.5, 1.5, ...Array<number>(10).fill(0.5)]),
    };
    const sheets = emitSheets(createUniformImages(1), { wild });
    expect([...sheets[2].rows.pixels.slice(0, 3)]).toEqual([0, 255, 128]);
  });

  it('contain a hundred small images, and fewer large ones', () => {
    expect(emitSheets(createUniformImages(130), { a: createUniformImages(130) })[0].images).toBe(100);
    expect(emitSheets(createUniformImages(40, 256), { a: createUniformImages(40, 256) })[0].images).toBe(16);
  });
});

describe('the states of a sample', () => {
  const size = 2 * 2 * 3;
  /** Returns a chunk of samples whose states have the value 10 · image + place, in 8-bit steps, everywhere. */
  const createChunk = (first: number, count: number, at: readonly (readonly [number, number])[]) => ({
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

  it('come before their row and without the last state, which is the row itself', () => {
    const truth = createUniformImages(2);
    const chunks = {
      flow: [
        createChunk(0, 2, [
          [0, 0],
          [4, 0.5],
          [8, 1],
        ]),
      ],
    };
    const sheets = emitSheets(truth, { linear: truth, flow: truth, mean: truth }, chunks);
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

  it('have a time per image if the solver took different steps for different images', () => {
    const truth = createUniformImages(2);
    const chunks = {
      flow: [
        createChunk(0, 1, [
          [0, 0],
          [3, 0.4],
          [8, 1],
        ]),
        createChunk(1, 1, [
          [0, 0],
          [1, 0.2],
          [3, 0.45678],
          [8, 1],
        ]),
      ],
    };
    const [, , ...states] = emitSheets(truth, { flow: truth }, chunks).slice(0, -1);
    expect(states.map(({ times }) => times)).toEqual([[0], [0, 0.2], [0.4, 0.4568]]);
    expect(states.map((sheet) => [red(sheet, 0), red(sheet, 1)])).toEqual([
      [0, 10],
      [0, 11],
      [3, 13],
    ]);
  });

  it('belong to the images that are kept, and are clipped to the range', () => {
    const truth = createUniformImages(104);
    const chunk = createChunk(96, 8, [
      [0, 0],
      [4, 0.5],
      [8, 1],
    ]);
    chunk.states[0][0].values.set([-3, 7], 0);
    const [state, next] = emitSheets(
      truth,
      { flow: truth },
      { flow: [createChunk(0, 96, [[0, 0]]), chunk] },
    ).slice(2);
    expect([state.images, state.rows.height]).toEqual([100, 20]);
    expect(next.times).toEqual([...Array<number>(96).fill(0), ...Array<number>(4).fill(0.5)]);
    const start = 18 * 20 * 3 + 6 * 2 * 3;
    expect([...state.rows.pixels.slice(start, start + 2)]).toEqual([0, 255]);
  });
});

/** Returns two images of 1 × 2 pixels whose channels are `first`, `first` + 1, … in 8-bit steps. */
function createImages(first: number): ImageBatch {
  const values = Float32Array.from({ length: 12 }, (_, index) => (first + index) / 255);
  return { count: 2, height: 1, width: 2, values };
}

describe('previewRows', () => {
  it('shows noisy values outside the range of colours as its ends', () => {
    const truth = createUniformImages(1);
    const observation = {
      ...observe(imageAt(truth, 0), Int32Array.of(0)),
      values: Float32Array.of(-0.2, 1.3, 0.2),
    };
    const { pixels } = previewRows(truth, [observation], truth);
    expect([...pixels.subarray(6, 9)]).toEqual([0, 255, 51]);
  });

  it('shows truth, observed pixels on grey and result side by side, one image below the other', () => {
    const truth = createImages(0);
    const observations = [
      observe(imageAt(truth, 0), Int32Array.of(1)),
      observe(imageAt(truth, 1), Int32Array.of(0)),
    ];
    const { height, width, pixels } = previewRows(truth, observations, createImages(100));
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

  it('shows a Bayer pattern as a mosaic: of each pixel the observed channel, the others black', () => {
    const truth = createUniformImages(1);
    const all = Int32Array.of(0, 1, 2, 3);
    const mosaic = observe(imageAt(truth, 0), all, Uint8Array.of(0, 1, 1, 2));
    const { pixels } = previewRows({ ...truth, values: truth.values.fill(1) }, [mosaic], truth);
    expect([...pixels.subarray(6, 12)]).toEqual([1, 0, 0, 0, 1, 0]);
    expect([...pixels.subarray(24, 30)]).toEqual([0, 1, 0, 0, 0, 1]);
  });
});
