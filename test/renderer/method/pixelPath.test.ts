import { expect, it } from 'vitest';
import {
  drawPixelEnds,
  pathStartOf,
  pixelAt,
  plainStart,
  readColour,
  writeColour,
} from '../../../renderer/models/method/pixelPath.ts';
import { pathSchema } from '../../../shared/config/pathConfig.ts';

const data = [0.2, 0.5, 0.9];

it('a pixel starts at its noise and ends at its true value, and every draw has noise of its own', () => {
  const ends = drawPixelEnds(data, plainStart, 1);
  for (const kind of ['linear', 'cosine'] as const) {
    expect(pixelAt(kind, ends, 0)).toEqual(ends.start);
    expect(pixelAt(kind, ends, 1)).toEqual(data);
  }
  expect(drawPixelEnds(data, plainStart, 1)).toEqual(ends);
  expect(drawPixelEnds(data, plainStart, 2).start).not.toEqual(ends.start);
});

it('a run that starts at a classical estimate starts near the true value, within its own noise', () => {
  const path = pathSchema.parse({
    start: 'classical',
    startNoise: 1,
    residualDeviation: 1,
    unit: 'residual',
    measured: { residual: 0.05, images: 8 },
  });
  const start = pathStartOf(path);
  expect(start).toEqual({ startNoise: 0.05, estimateDeviation: 0.05 });
  const misses = Array.from({ length: 200 }, (_, draw) => drawPixelEnds(data, start, draw)).flatMap((ends) =>
    ends.start.map((value, channel) => value - data[channel]),
  );
  const deviation = Math.sqrt(misses.reduce((sum, miss) => sum + miss ** 2, 0) / misses.length);
  expect(deviation).toBeGreaterThan(0.05 * Math.SQRT2 * 0.9);
  expect(deviation).toBeLessThan(0.05 * Math.SQRT2 * 1.1);
});

it('colours are read from and written as CSS, and values outside [0, 1] are clamped', () => {
  expect(readColour('#ff0080')).toEqual([1, 0, 128 / 255]);
  expect(writeColour([1.4, -2, 0.5])).toBe('rgb(255 0 128)');
});
