import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countColumns,
  fitImage,
  panBy,
  toImagePoint,
  toPanePoint,
  type Viewport,
  wheelZoom,
  zoomAt,
} from '../../../renderer/models/images/viewport.ts';

const size = fc.record({ width: fc.integer({ min: 1, max: 600 }), height: fc.integer({ min: 1, max: 600 }) });
const point = fc.record({ x: fc.integer({ min: 0, max: 600 }), y: fc.integer({ min: 0, max: 600 }) });
const factor = fc.double({ min: 0.2, max: 5, noNaN: true });

describe('a fitted image', () => {
  it('fits into the pane, with whole screen pixels per image pixel if that fills it nearly as well', () => {
    expect(fitImage({ width: 32, height: 32 }, { width: 500, height: 340 }, true).scale).toBe(340 / 32);
    expect(fitImage({ width: 32, height: 32 }, { width: 500, height: 340 })).toEqual({
      scale: 10,
      x: 16,
      y: 16,
    });
    fc.assert(
      fc.property(size, size, (image, pane) => {
        const { scale } = fitImage(image, pane);
        if (scale > 1 / 64) {
          expect(image.width * scale).toBeLessThanOrEqual(pane.width + 1e-9);
          expect(image.height * scale).toBeLessThanOrEqual(pane.height + 1e-9);
        }
        const exact = fitImage(image, pane, true).scale;
        expect(scale).toBeGreaterThanOrEqual(0.8 * exact);
        if (scale < exact) expect(scale).toBe(Math.floor(exact));
        if (exact >= 5) expect(scale).toBe(Math.floor(exact));
      }),
    );
  });
});

describe('the wheel', () => {
  it('scrolls the page over an image that is shown whole, and zooms with Ctrl or once the image is zoomed', () => {
    const turn = { deltaY: -100, ctrlKey: false, metaKey: false };
    expect(wheelZoom(turn, true)).toBeNull();
    expect(wheelZoom({ ...turn, ctrlKey: true }, true)).toBe(1.25);
    expect(wheelZoom({ ...turn, metaKey: true, deltaY: 100 }, true)).toBe(0.8);
    expect(wheelZoom(turn, false)).toBe(1.25);
    // A touchpad that moves sideways does not zoom.
    expect(wheelZoom({ ...turn, deltaY: 0, ctrlKey: true }, false)).toBeNull();
  });
});

describe('zooming', () => {
  it('keeps the point under the pointer in place', () => {
    const image = { width: 1000, height: 1000 };
    const pane = { width: 200, height: 200 };
    const view: Viewport = { scale: 2, x: 500, y: 500 };
    const at = { x: 30, y: 170 };
    const zoomed = zoomAt(view, { image, pane, at, factor: 3 });
    expect(zoomed.scale).toBe(6);
    const before = toImagePoint(view, pane, at);
    const after = toImagePoint(zoomed, pane, at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });

  it('never leaves a gap that the image could fill, and neither does panning', () => {
    fc.assert(
      fc.property(size, size, point, fc.array(factor, { maxLength: 5 }), (image, pane, at, factors) => {
        let view = fitImage(image, pane);
        for (const next of factors) {
          view = zoomAt(view, { image, pane, at, factor: next });
          view = panBy(view, { x: at.x - 300, y: at.y - 300 }, { image, pane });
          const start = toPanePoint(view, pane, { x: 0, y: 0 });
          const end = toPanePoint(view, pane, { x: image.width, y: image.height });
          if (image.width * view.scale >= pane.width) {
            expect(start.x).toBeLessThanOrEqual(1e-6);
            expect(end.x).toBeGreaterThanOrEqual(pane.width - 1e-6);
          } else {
            expect((start.x + end.x) / 2).toBeCloseTo(pane.width / 2, 6);
          }
        }
      }),
    );
  });
});

describe('pane and image coordinates', () => {
  it('are each other’s inverse', () => {
    const view = fc.record({
      scale: fc.double({ min: 0.1, max: 50, noNaN: true }),
      x: fc.double({ min: 0, max: 500, noNaN: true }),
      y: fc.double({ min: 0, max: 500, noNaN: true }),
    });
    fc.assert(
      fc.property(view, size, point, (shown, pane, at) => {
        const back = toPanePoint(shown, pane, toImagePoint(shown, pane, at));
        expect(back.x).toBeCloseTo(at.x, 6);
        expect(back.y).toBeCloseTo(at.y, 6);
      }),
    );
  });
});

describe('countColumns', () => {
  const landscape = { width: 400, height: 300 };

  it('returns the number of columns with the largest panes', () => {
    expect(countColumns(5, landscape, { width: 920, height: 570 })).toBe(3);
    expect(countColumns(4, landscape, { width: 800, height: 640 })).toBe(2);
    expect(countColumns(3, landscape, { width: 300, height: 900 })).toBe(1);
    expect(countColumns(5, { width: 100, height: 900 }, { width: 900, height: 500 })).toBe(5);
  });

  it('returns at least one column and at most one per pane for any size', () => {
    const side = fc.integer({ min: 0, max: 5000 });
    const positive = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.record({ width: positive, height: positive }),
        fc.record({ width: side, height: side }),
        (panes, image, room) => {
          const columns = countColumns(panes, image, room);
          expect(columns).toBeGreaterThanOrEqual(1);
          expect(columns).toBeLessThanOrEqual(Math.max(1, panes));
        },
      ),
    );
  });
});
