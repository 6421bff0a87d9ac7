import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitPicture,
  panBy,
  toPane,
  toPicture,
  zoomAt,
  type Viewport,
} from '../../../renderer/models/images/viewport.ts';

const size = fc.record({ width: fc.integer({ min: 1, max: 600 }), height: fc.integer({ min: 1, max: 600 }) });
const point = fc.record({ x: fc.integer({ min: 0, max: 600 }), y: fc.integer({ min: 0, max: 600 }) });
const factor = fc.double({ min: 0.2, max: 5, noNaN: true });

describe('a fitted picture', () => {
  it('lies wholly in the pane, and each of its pixels on whole screen pixels', () => {
    expect(fitPicture({ width: 32, height: 32 }, { width: 500, height: 340 })).toEqual({
      scale: 10,
      x: 16,
      y: 16,
    });
    fc.assert(
      fc.property(size, size, (picture, pane) => {
        const { scale } = fitPicture(picture, pane);
        if (scale > 1 / 64) {
          expect(picture.width * scale).toBeLessThanOrEqual(pane.width + 1e-9);
          expect(picture.height * scale).toBeLessThanOrEqual(pane.height + 1e-9);
        }
        if (scale >= 1) expect(scale).toBe(Math.round(scale));
      }),
    );
  });
});

describe('zooming', () => {
  it('keeps the point under the pointer where the edges allow it', () => {
    const picture = { width: 1000, height: 1000 };
    const pane = { width: 200, height: 200 };
    const view: Viewport = { scale: 2, x: 500, y: 500 };
    const at = { x: 30, y: 170 };
    const zoomed = zoomAt(view, { picture, pane, at, factor: 3 });
    expect(zoomed.scale).toBe(6);
    const before = toPicture(view, pane, at);
    const after = toPicture(zoomed, pane, at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });

  it('and moving never leave empty ground that the picture could fill', () => {
    fc.assert(
      fc.property(size, size, point, fc.array(factor, { maxLength: 5 }), (picture, pane, at, factors) => {
        let view = fitPicture(picture, pane);
        for (const next of factors) {
          view = zoomAt(view, { picture, pane, at, factor: next });
          view = panBy(view, { x: at.x - 300, y: at.y - 300 }, { picture, pane });
          const start = toPane(view, pane, { x: 0, y: 0 });
          const end = toPane(view, pane, { x: picture.width, y: picture.height });
          if (picture.width * view.scale >= pane.width) {
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

describe('pane and picture coordinates', () => {
  it('are each other’s inverse', () => {
    const view = fc.record({
      scale: fc.double({ min: 0.1, max: 50, noNaN: true }),
      x: fc.double({ min: 0, max: 500, noNaN: true }),
      y: fc.double({ min: 0, max: 500, noNaN: true }),
    });
    fc.assert(
      fc.property(view, size, point, (shown, pane, at) => {
        const back = toPane(shown, pane, toPicture(shown, pane, at));
        expect(back.x).toBeCloseTo(at.x, 6);
        expect(back.y).toBeCloseTo(at.y, 6);
      }),
    );
  });
});
