import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  renderedCount,
  renderedRange,
  type ListGeometry,
  overscan,
  pagesOf,
  scrollToSee,
  stepTo,
  visibleRange,
} from '../../../renderer/models/runs/listWindow.ts';
import {
  extendTo,
  selectedInOrder,
  keepListed,
  noSelection,
  selectAll,
  selectOnly,
  stateOf,
  toggle,
} from '../../../renderer/models/runs/selection.ts';

const geometries = fc.record({
  scrollTop: fc.double({ min: 0, max: 500_000, noNaN: true }),
  viewHeight: fc.integer({ min: 0, max: 2000 }),
  rowHeight: fc.integer({ min: 20, max: 60 }),
  total: fc.integer({ min: 0, max: 10_000 }),
}) satisfies fc.Arbitrary<ListGeometry>;

describe('the window of a long list', () => {
  it('treats partly visible rows as visible', () => {
    const list = { viewHeight: 400, rowHeight: 40, total: 10_000 };
    expect(visibleRange({ ...list, scrollTop: 4000 })).toEqual({ first: 100, end: 110 });
    expect(visibleRange({ ...list, scrollTop: 4001 })).toEqual({ first: 100, end: 111 });
  });

  it('has exactly the rows that overlap the viewport in its visible range', () => {
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

  it('renders a constant number of existing rows around the visible ones', () => {
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

  it('requests exactly the pages with rendered rows', () => {
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

  it('moves as little as possible to scroll a row into view', () => {
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

  it('moves down to the first row and up to the last if no row has the focus', () => {
    expect(stepTo(-1, 1, 5)).toBe(0);
    expect(stepTo(-1, -1, 5)).toBe(4);
    expect(stepTo(3, Infinity, 5)).toBe(4);
    expect(stepTo(3, -Infinity, 5)).toBe(0);
    expect(stepTo(3, 1, 0)).toBe(-1);
  });
});

const orders = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 40 });
const chosen = orders.chain((order) =>
  fc.record({
    order: fc.constant(order),
    picks: fc.array(fc.constantFrom(...order), { maxLength: 10 }),
    from: fc.nat(order.length - 1),
    to: fc.nat(order.length - 1),
  }),
);

describe('the selection of runs', () => {
  it('is restored if a run is toggled twice', () => {
    fc.assert(
      fc.property(chosen, ({ order, picks, from }) => {
        const before = picks.reduce(toggle, noSelection);
        const after = toggle(toggle(before, order[from]), order[from]);
        expect(after.ids).toEqual(before.ids);
      }),
    );
  });

  it('extends with Shift from the anchor to the clicked run, in both directions', () => {
    fc.assert(
      fc.property(chosen, ({ order, from, to }) => {
        const range = extendTo(selectOnly(order[from]), order[to], order);
        expect(range.ids.size).toBe(Math.abs(from - to) + 1);
        expect(selectedInOrder(range, order)).toEqual(
          order.slice(Math.min(from, to), Math.max(from, to) + 1),
        );
        expect(range.anchor).toBe(order[from]);
      }),
    );
  });

  it('replaces the range at a second click with Shift', () => {
    const order = ['a', 'b', 'c', 'd', 'e'];
    const down = extendTo(selectOnly('c'), 'e', order);
    expect(selectedInOrder(extendTo(down, 'a', order), order)).toEqual(['a', 'b', 'c']);
  });

  it('is a single run after a click with Shift if the anchor is not in the list', () => {
    expect(extendTo(selectOnly('gone'), 'b', ['a', 'b', 'c'])).toEqual(selectOnly('b'));
    expect(extendTo(noSelection, 'b', ['a', 'b', 'c'])).toEqual(selectOnly('b'));
  });

  it('never contains a run that is not listed', () => {
    fc.assert(
      fc.property(chosen, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (choice, stays) => {
        const selection = choice.picks.reduce(toggle, noSelection);
        const order = choice.order.filter((_, index) => stays[index]);
        const kept = keepListed(selection, order);
        expect([...kept.ids].every((id) => order.includes(id))).toBe(true);
        expect(kept.ids.size).toBe(selectedInOrder(selection, order).length);
        expect(kept.anchor === null || order.includes(kept.anchor)).toBe(true);
      }),
    );
  });

  it('distinguishes none, some and all', () => {
    const order = ['a', 'b'];
    expect(stateOf(noSelection, 2)).toBe('none');
    expect(stateOf(selectOnly('a'), 2)).toBe('some');
    expect(stateOf(selectAll(selectOnly('a'), order), 2)).toBe('all');
    expect(selectAll(selectOnly('a'), order).anchor).toBe('a');
  });
});
