import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileName } from '../../../renderer/api/saveFile.ts';
import {
  clockTicks,
  durationTicks,
  formatPosition,
  formatTick,
} from '../../../renderer/models/charts/axisTicks.ts';
import { extentOf, findMarkers, positionOfStep } from '../../../renderer/models/charts/chartModel.ts';
import { withAlpha } from '../../../renderer/models/charts/chartTheme.ts';
import { emptyCurve } from '../../../renderer/models/charts/curve.ts';
import { nearestPlace, pointPlaces } from '../../../renderer/models/compare/pairPoints.ts';
import { chartSvg } from '../../../shared/charts/chartSvg.ts';
import { pairsChart } from '../../../shared/comparison/comparisonCharts.ts';

describe('durationTicks', () => {
  it('returns ticks at round training times', () => {
    expect(durationTicks({ min: 0, max: 120, count: 6 })).toEqual([0, 30, 60, 90, 120]);
    expect(durationTicks({ min: 100, max: 7300, count: 4 })).toEqual([1800, 3600, 5400, 7200]);
  });

  it('returns at most one tick more than requested', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 1e7 }),
        fc.integer({ min: 2, max: 20 }),
        (min, width, count) => {
          const ticks = durationTicks({ min, max: min + width, count });
          expect(ticks.length).toBeLessThanOrEqual(count + 1);
          for (const tick of ticks) expect(tick >= min && tick <= min + width).toBe(true);
        },
      ),
    );
  });

  it('returns ticks whose labels omit empty parts such as "0 min"', () => {
    expect(formatTick('processTime', 7200, 1800)).toBe('2 h');
    expect(formatTick('processTime', 90, 30)).toBe('1 min 30 s');
    expect(formatTick('processTime', 120, 30)).toBe('2 min');
  });
});

describe('clockTicks', () => {
  it("returns ticks at round times in the user's time zone", () => {
    const start = Date.UTC(2026, 10, 23, 20, 17);
    // India, 5 h 30 min ahead of UTC.
    const ticks = clockTicks({ min: start, max: start + 3 * 3600e3, count: 4 }, -330);
    expect(ticks.map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual([
      '20:30',
      '21:30',
      '22:30',
    ]);
  });
});

describe('formatPosition', () => {
  it('formats a position on an axis with its unit', () => {
    expect(formatPosition('step', 1200)).toBe('step 1200');
    expect(formatPosition('epoch', 1.5)).toBe('epoch 1.50');
    expect(formatPosition('imagesSeen', 640)).toBe('640 images');
    expect(formatPosition('processTime', 200)).toBe('3 min 20 s');
  });
});

const curve = { ...emptyCurve('aaaaaaaa', 'loss'), steps: [10, 20, 40], x: [1, 2, 4] };
const backend = { kind: 'wasm', device: 'CPU', version: '4' } as const;
const segment = (fromStep: number) => ({
  runId: 'aaaaaaaa',
  fromStep,
  toStep: null,
  startedAt: '',
  endedAt: null,
  backend,
});
const checkpoint = (step: number, isBest: boolean) => ({
  runId: 'aaaaaaaa',
  step,
  file: '',
  bytes: 1,
  sha256: '',
  isBest,
  createdAt: '',
});

describe('findMarkers', () => {
  it('places markers at resumed steps and at the best checkpoint', () => {
    const source = {
      segments: [segment(0), segment(20)],
      checkpoints: [checkpoint(30, true), checkpoint(40, false)],
    };
    expect(findMarkers(source, curve)).toEqual([
      { x: 2, label: 'resumed' },
      { x: 3, label: 'best' },
    ]);
  });

  it('joins the markers of one step, whose labels would cover each other', () => {
    const source = { segments: [segment(0), segment(20)], checkpoints: [checkpoint(20, true)] };
    expect(findMarkers(source, curve)).toEqual([{ x: 2, label: 'resumed, best' }]);
  });

  it('places no markers at steps outside the curve', () => {
    expect(positionOfStep(curve, 5)).toBeNull();
    expect(positionOfStep(curve, 50)).toBeNull();
  });
});

describe('extentOf', () => {
  it('spans all curves with points, and is null without any', () => {
    const other = { ...curve, x: [0.5, 3] };
    expect(extentOf([curve, other, { ...curve, x: [] }])).toEqual({ from: 0.5, to: 4 });
    expect(extentOf([{ ...curve, x: [] }])).toBeNull();
  });
});

describe('fileName', () => {
  it('returns only letters, digits, dots and dashes', () => {
    expect(fileName('../run "one" / größe', 'loss', 'png')).toBe('run-one-größe-loss.png');
    expect(fileName('…', 'csv')).toBe('file.csv');
  });
});

describe('withAlpha', () => {
  it('adds an opacity to hexadecimal and rgb() colours', () => {
    expect(withAlpha('#1f5fa8', 0.5)).toBe('rgba(31, 95, 168, 0.5)');
    expect(withAlpha('#fff', 1)).toBe('rgba(255, 255, 255, 1)');
    expect(withAlpha('rgb(1, 2, 3)', 0.1)).toBe('rgba(1, 2, 3, 0.1)');
  });
});

const look = { name: 'wide', colour: '#123456', dash: [] };
const size = { width: 400, height: 280 };

describe('pointPlaces', () => {
  const pairs = { values: [30, null, 20, 25], reference: [28, 20, 21, 22], referenceName: 'deep' };
  const chart = { ...pairsChart(pairs, 'PSNR, dB', look), isTitleHidden: true };
  const places = pointPlaces(chart, size);

  it('returns the positions of the drawn dots from left to right, with their images', () => {
    expect(places.map(({ image }) => image)).toEqual([2, 3, 0]);
    const svg = chartSvg(chart, size);
    for (const { x, y } of places) expect(svg).toContain(`cx="${x}" cy="${y}"`);
  });

  it('returns positions of which the nearest is found, but only if it is close', () => {
    const [{ x, y }] = places;
    expect(nearestPlace(places, { x: x + 5, y: y - 5 })).toBe(0);
    expect(nearestPlace(places, { x: x + 20, y })).toBeNull();
    const close = [
      { image: 0, x: 10, y: 10 },
      { image: 1, x: 14, y: 10 },
    ];
    expect(nearestPlace(close, { x: 13, y: 10 })).toBe(1);
  });
});
