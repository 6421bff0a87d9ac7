import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gridTemplate,
  moveColumn,
  shownColumns,
  toggleColumn,
} from '../../../renderer/models/runs/columns.ts';
import { gridAction } from '../../../renderer/models/runs/gridKeys.ts';
import { compareOrders, describeChange, keepInPlace } from '../../../renderer/models/runs/orderChange.ts';
import { sortBy } from '../../../renderer/models/runs/queryAddress.ts';
import { sparkPath } from '../../../renderer/models/runs/rowCells.ts';
import { runColumns } from '../../../shared/runList.ts';
import { defaultSettings } from '../../../shared/settings.ts';

describe('an order that changed while it was read', () => {
  const visible = { first: 1, end: 3 };

  it('is nothing to speak of where every run stands where it stood', () => {
    expect(compareOrders(['a', 'b'], ['a', 'b'], visible)).toBeNull();
  });

  it('counts what came and what went', () => {
    const change = compareOrders(['a', 'b', 'c', 'd'], ['x', 'y', 'a', 'c', 'd'], visible);
    expect(change).toEqual({ added: 2, gone: 1, isStill: false });
    expect(change && describeChange(change)).toBe('2 new, 1 gone');
  });

  it('may be shown at once where no visible row moves', () => {
    expect(compareOrders(['a', 'b', 'c', 'd'], ['d', 'b', 'c', 'a', 'e'], visible)?.isStill).toBe(true);
    expect(compareOrders(['a', 'b', 'c', 'd'], ['a', 'c', 'b', 'd'], visible)?.isStill).toBe(false);
    expect(compareOrders(['a', 'b', 'c'], ['a', 'b'], visible)?.isStill).toBe(false);
    expect(compareOrders([], ['a'], { first: 0, end: 0 })?.isStill).toBe(true);
  });

  it('is scrolled so that the first visible run that is still there does not move', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(200).map(String), { minLength: 1, maxLength: 60 }),
        fc.uniqueArray(fc.nat(200).map(String), { maxLength: 60 }),
        fc.nat(59),
        fc.nat(39),
        (shown, now, row, rest) => {
          fc.pre(row < shown.length);
          const scrollTop = row * 40 + rest;
          const kept = keepInPlace(shown, now, { scrollTop, rowHeight: 40 });
          const anchor = shown.slice(row).find((id) => now.includes(id));
          if (anchor === undefined) return;
          const before = shown.indexOf(anchor) * 40 - scrollTop;
          const after = now.indexOf(anchor) * 40 - kept;
          // The list cannot be scrolled above its start; then the run stands higher than before.
          if (kept > 0) expect(after).toBe(before);
          else expect(after).toBeLessThanOrEqual(before);
        },
      ),
    );
  });
});

describe('the order of the list', () => {
  it('turns round at the second click and starts with what one looks for', () => {
    const once = sortBy([], 'bestPsnr', false);
    expect(once).toEqual([{ by: 'bestPsnr', descending: true }]);
    expect(sortBy(once, 'bestPsnr', false)).toEqual([{ by: 'bestPsnr', descending: false }]);
    expect(sortBy(once, 'loss', false)).toEqual([{ by: 'loss', descending: false }]);
  });

  it('takes a second column with Shift, turns it, and drops it at the third click', () => {
    const first = sortBy([], 'preset', false);
    const second = sortBy(first, 'loss', true);
    expect(second.map(({ by }) => by)).toEqual(['preset', 'loss']);
    const turned = sortBy(second, 'loss', true);
    expect(turned[1]).toEqual({ by: 'loss', descending: true });
    expect(sortBy(turned, 'loss', true)).toEqual(first);
  });

  it('never becomes empty by a click', () => {
    const sort = [{ by: 'loss' as const, descending: true }];
    expect(sortBy(sort, 'loss', true)).toEqual([{ by: 'loss', descending: false }]);
  });
});

describe('the columns', () => {
  it('always show the name, each column once', () => {
    expect(shownColumns([])).toEqual(['name']);
    expect(shownColumns(['loss', 'loss', 'name'])).toEqual(['loss', 'name']);
    expect(toggleColumn(['name', 'loss'], 'name')).toEqual(['name', 'loss']);
  });

  it('come back to their usual place', () => {
    const without = toggleColumn(defaultSettings.columns, 'loss');
    expect(without).not.toContain('loss');
    expect(toggleColumn(without, 'loss')).toEqual(defaultSettings.columns);
  });

  it('keep their number when one is moved', () => {
    fc.assert(
      fc.property(fc.constantFrom(...runColumns), fc.integer({ min: -2, max: 30 }), (column, to) => {
        const moved = moveColumn(runColumns, column, to);
        expect([...moved].sort()).toEqual([...runColumns].sort());
        expect(moved.indexOf(column)).toBe(Math.min(runColumns.length - 1, Math.max(0, to)));
      }),
    );
  });

  it('are tracks of one grid, with a check box before and a menu behind', () => {
    expect(gridTemplate(['name', 'loss'])).toBe('34px minmax(150px, 1fr) 66px 32px');
  });
});

describe('keys in the list', () => {
  const plain = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

  it('move by rows, by what can be seen, and to the ends', () => {
    expect(gridAction({ ...plain, key: 'ArrowDown' }, 20)).toEqual({ kind: 'move', by: 1, extends: false });
    expect(gridAction({ ...plain, key: 'PageUp', shiftKey: true }, 20)).toEqual({
      kind: 'move',
      by: -19,
      extends: true,
    });
    expect(gridAction({ ...plain, key: 'End' }, 20)).toEqual({ kind: 'move', by: Infinity, extends: false });
  });

  it('leave to others what is not theirs', () => {
    expect(gridAction({ ...plain, key: 'e' }, 20)).toBeNull();
    expect(gridAction({ ...plain, key: 'ArrowDown', altKey: true }, 20)).toBeNull();
    expect(gridAction({ ...plain, key: 'F10' }, 20)).toBeNull();
    expect(gridAction({ ...plain, key: 'F10', shiftKey: true }, 20)).toEqual({ kind: 'menu' });
    expect(gridAction({ ...plain, key: 'A', ctrlKey: true }, 20)).toEqual({ kind: 'selectAll' });
  });
});

describe('the small line of the loss', () => {
  const box = { width: 90, height: 20 };

  it('falls from the top left to the bottom right, by equal factors in equal steps', () => {
    expect(sparkPath([1, 0.1, 0.01], box)).toBe('M0 0L45 10L90 20');
  });

  it('is linear where a value is not positive, flat where all are equal, absent below two values', () => {
    expect(sparkPath([-1, 0, 1], box)).toBe('M0 20L45 10L90 0');
    expect(sparkPath([2, 2], box)).toBe('M0 10L90 10');
    expect(sparkPath([2, Number.NaN], box)).toBe('');
  });
});
