import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  renderedCount,
  renderedRange,
  overscan,
  pagesOf,
  scrollToSee,
  stepTo,
  visibleRange,
  type ListGeometry,
} from '../../../renderer/models/runs/listWindow.ts';

const geometries = fc.record({
  scrollTop: fc.double({ min: 0, max: 500_000, noNaN: true }),
  viewHeight: fc.integer({ min: 0, max: 2000 }),
  rowHeight: fc.integer({ min: 20, max: 60 }),
  total: fc.integer({ min: 0, max: 10_000 }),
}) satisfies fc.Arbitrary<ListGeometry>;

describe('listWindow', () => {
  it('Partly visible rows count as visible', () => {
    const list = { viewHeight: 400, rowHeight: 40, total: 10_000 };
    expect(visibleRange({ ...list, scrollTop: 4000 })).toEqual({ first: 100, end: 110 });
    expect(visibleRange({ ...list, scrollTop: 4001 })).toEqual({ first: 100, end: 111 });
  });

  it('The visible range contains exactly the rows that overlap the viewport', () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        const { scrollTop, viewHeight, rowHeight, total } = geometry;
        const { first, end } = visibleRange(geometry);
        for (const index of [first - 1, first, end - 1, end]) {
          if (index < 0 || index >= total || viewHeight === 0) continue;
          const overlaps = index * rowHeight < scrollTop + viewHeight && (index + 1) * rowHeight > scrollTop;
          expect(index >= first && index < end).toBe(overlaps);
        }
      }),
    );
  });

  it('A constant number of existing rows around the visible ones is rendered', () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        const visible = visibleRange(geometry);
        const { first, end } = renderedRange(geometry);
        expect(end - first).toBe(renderedCount(geometry));
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(geometry.total);
        // The scroll position is inside the list.
        fc.pre(geometry.scrollTop < geometry.total * geometry.rowHeight);
        expect(first).toBeLessThanOrEqual(Math.max(0, visible.first - overscan));
        expect(end).toBeGreaterThanOrEqual(Math.min(geometry.total, visible.end + overscan));
      }),
    );
  });

  it('Exactly the pages with rendered rows are requested', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(300), fc.integer({ min: 1, max: 120 }), (first, length, pageSize) => {
        const offsets = pagesOf({ first, end: first + length }, pageSize);
        const needed = new Set(
          Array.from({ length }, (_, row) => Math.floor((first + row) / pageSize) * pageSize),
        );
        expect(offsets).toEqual([...needed]);
      }),
    );
  });

  it('Scrolling a row into view moves as little as possible', () => {
    fc.assert(
      fc.property(geometries, fc.nat(9999), (geometry, index) => {
        fc.pre(geometry.viewHeight >= geometry.rowHeight);
        const scrollTop = scrollToSee(index, geometry);
        const top = index * geometry.rowHeight;
        expect(top).toBeGreaterThanOrEqual(scrollTop);
        expect(top + geometry.rowHeight).toBeLessThanOrEqual(scrollTop + geometry.viewHeight);
        expect(scrollToSee(index, { ...geometry, scrollTop })).toBe(scrollTop);
      }),
    );
    const list = { viewHeight: 400, rowHeight: 40, total: 100, scrollTop: 100 };
    expect(scrollToSee(5, list)).toBe(100);
  });

  it('Without a focused row, down goes to the first row and up to the last', () => {
    expect(stepTo(-1, 1, 5)).toBe(0);
    expect(stepTo(-1, -1, 5)).toBe(4);
    expect(stepTo(3, Infinity, 5)).toBe(4);
    expect(stepTo(3, -Infinity, 5)).toBe(0);
    expect(stepTo(3, 1, 0)).toBe(-1);
  });
});
