import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countColumns } from '../../../renderer/models/images/viewport.ts';

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
