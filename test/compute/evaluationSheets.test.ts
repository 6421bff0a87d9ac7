import { describe, expect, it } from 'vitest';
import { createSheetEmitter } from '../../main/compute/evaluationSheets.ts';
import type { SheetEvent } from '../../main/compute/protocol.ts';
import { imageAt, observe, type ImageBatch } from '../../shared/image.ts';

/** `count` images of one colour each: image i has (i + 1) / 255 everywhere. */
function plainImages(count: number, size = 2): ImageBatch {
  const values = Float32Array.from({ length: count * size * size * 3 }, (_, position) => {
    return (Math.floor(position / (size * size * 3)) + 1) / 255;
  });
  return { count, height: size, width: size, values };
}

function emitSheets(truth: ImageBatch, results: Readonly<Record<string, ImageBatch>>): SheetEvent[] {
  const sheets: SheetEvent[] = [];
  const observations = Array.from({ length: truth.count }, (_, image) =>
    observe(imageAt(truth, image), Int32Array.of(1)),
  );
  const emit = createSheetEmitter(observations, (event) => sheets.push(event));
  for (const [method, result] of Object.entries(results)) emit(method, result, truth);
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
