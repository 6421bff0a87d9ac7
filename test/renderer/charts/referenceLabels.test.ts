import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../../renderer/models/charts/referenceLabels.ts';

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
