import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeStart, placeLabels } from '../../../renderer/models/charts/referenceLabels.ts';

const area = { top: 0, bottom: 200, height: 13 };

describe('placeLabels', () => {
  it('puts labels above their lines where there is room', () => {
    expect(placeLabels([100, 50], area)).toEqual([98, 48]);
  });

  it('keeps labels apart and inside the area, in the order of their lines', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 10 }), (lines) => {
        const places = placeLabels(lines, area);
        const order = lines.map((_, index) => index).sort((one, other) => lines[one] - lines[other]);
        order.forEach((index, rank) => {
          expect(places[index]).toBeGreaterThanOrEqual(area.top + area.height);
          expect(places[index]).toBeLessThanOrEqual(area.bottom);
          if (rank > 0) expect(places[index] - places[order[rank - 1]]).toBeGreaterThanOrEqual(area.height);
        });
      }),
    );
  });
});

describe('the left edge of a label', () => {
  const label = { width: 80, top: 40, bottom: 53 };
  const plot = { left: 0, right: 480 };

  it('is that of the plot where the label covers no curve', () => {
    expect(freeStart(label, plot, [])).toBe(0);
    expect(
      freeStart(label, plot, [
        [
          { x: 20, y: 60 },
          { x: 400, y: 60 },
        ],
      ]),
    ).toBe(0);
  });

  it('is right of the first points of a curve, and of the line between two of them', () => {
    expect(freeStart(label, plot, [[{ x: 60, y: 45 }]])).toBe(100);
    // The line crosses the first label, although neither of its points is in it.
    expect(
      freeStart(label, plot, [
        [
          { x: 30, y: 0 },
          { x: 60, y: 200 },
        ],
      ]),
    ).toBe(100);
  });

  it('is where the label covers least if a curve is everywhere', () => {
    const everywhere = Array.from({ length: 121 }, (_, index) => ({ x: 4 * index, y: 45 }));
    const outside = [everywhere.filter(({ x }) => x < 190), everywhere.filter(({ x }) => x > 290)];
    expect(freeStart(label, plot, [everywhere, ...outside])).toBe(200);
  });

  it('is that of the plot if the label is wider', () => {
    expect(freeStart({ ...label, width: 900 }, plot, [[{ x: 60, y: 45 }]])).toBe(0);
  });
});
