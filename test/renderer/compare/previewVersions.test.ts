import { describe, expect, it } from 'vitest';
import {
  findImage,
  previewVersions,
  stepAtOrBefore,
  stepsOfAll,
} from '../../../renderer/models/compare/previewVersions.ts';
import {
  imageFromPixels,
  hasSamePixels,
  type RasterImage,
} from '../../../renderer/models/images/rasterImage.ts';

/** Returns an image of two pixels with the same grey. */
function grey(value: number, width = 2): RasterImage {
  const pixels = Uint8ClampedArray.from({ length: width * 4 }, (_, index) => (index % 4 === 3 ? 255 : value));
  return imageFromPixels({ width, height: 1 }, pixels);
}

const rowOf = (truth: number, observed = 128) => ({
  truth: grey(truth),
  observed: grey(observed),
  result: grey(truth + 1),
});

describe('steps of previews', () => {
  it('Steps of all runs are merged in ascending order', () => {
    const previews = [
      { runId: 'aaaaaaaa', steps: [0, 250, 1000] },
      { runId: 'bbbbbbbb', steps: [0, 100, 250] },
    ];
    expect(stepsOfAll(previews)).toEqual([0, 100, 250, 1000]);
  });

  it('Each run is shown at its nearest earlier step', () => {
    expect([0, 99, 100, 260].map((step) => stepAtOrBefore([100, 250], step))).toEqual([null, null, 100, 250]);
    expect(stepAtOrBefore([], 5)).toBeNull();
  });
});

describe('findImage', () => {
  it('An image is found by its pixels, at any position', () => {
    const rows = [rowOf(10), rowOf(20)];
    expect(findImage(rows, grey(20))).toBe(rows[1]);
    expect(findImage(rows, grey(30))).toBeNull();
    expect(hasSamePixels(grey(20), grey(20, 3))).toBe(false);
  });
});

describe('previewVersions', () => {
  const runAt = (name: string, step: number | null, row: ReturnType<typeof rowOf> | null) => ({
    runId: name.padEnd(8, 'a'),
    name,
    step,
    row,
  });

  it('Titles contain the run and the actual step', () => {
    const versions = previewVersions([runAt('wide', 1200, rowOf(10)), runAt('deep', 250, rowOf(10))]);
    expect(versions.map(({ title }) => title)).toEqual([
      'Truth',
      'Known pixels',
      'wide, step 1200',
      'deep, step 250',
    ]);
    expect(versions.map(({ image }) => image?.read({ x: 0, y: 0, width: 1, height: 1 })[0])).toEqual([
      10, 128, 11, 11,
    ]);
  });

  it('Known pixels are listed per run if they differ', () => {
    const versions = previewVersions([runAt('wide', 5, rowOf(10)), runAt('deep', 5, rowOf(10, 10))]);
    expect(versions.slice(1, 3).map(({ value, title }) => [value, title])).toEqual([
      ['known', 'Known to wide'],
      ['known:0', 'Known to deep'],
    ]);
  });

  it('A run without a preview that early has no image', () => {
    const versions = previewVersions([runAt('late', null, null), runAt('wide', 5, rowOf(10))]);
    expect(versions.map(({ title, image }) => [title, image !== null])).toEqual([
      ['Truth', true],
      ['Known pixels', true],
      ['late, no preview yet', false],
      ['wide, step 5', true],
    ]);
  });
});
