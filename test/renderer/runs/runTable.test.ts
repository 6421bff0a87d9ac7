import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gridTemplate,
  minimumWidth,
  moveColumn,
  shownColumns,
  toggleColumn,
} from '../../../renderer/models/runs/columns.ts';
import { gridAction } from '../../../renderer/models/runs/selection.ts';
import { compareOrders, describeChange, keepInPlace } from '../../../renderer/models/runs/listWindow.ts';
import { sortBy } from '../../../renderer/models/runs/queryAddress.ts';
import { describePlace, laneLine, rowProgress, sparkPath } from '../../../renderer/models/runs/rowCells.ts';
import { tasksFor } from '../../../renderer/models/runs/runTasks.ts';
import { changesBetween, nextTagState, tagStates } from '../../../renderer/models/runs/tagChanges.ts';
import { runColumns } from '../../../shared/runList.ts';
import { defaultSettings } from '../../../shared/settings.ts';
import { exampleLaneProgress, exampleRunSummary } from '../../shared/exampleRun.ts';

describe('a change of the order', () => {
  const visible = { first: 1, end: 3 };

  it('does not exist between equal orders', () => {
    expect(compareOrders(['a', 'b'], ['a', 'b'], visible)).toBeNull();
  });

  it('counts added and removed runs', () => {
    const change = compareOrders(['a', 'b', 'c', 'd'], ['x', 'y', 'a', 'c', 'd'], visible);
    expect(change).toEqual({ added: 2, gone: 1, isStill: false });
    expect(change && describeChange(change)).toBe('2 new, 1 gone');
  });

  it('can be shown immediately if no visible row moves', () => {
    expect(compareOrders(['a', 'b', 'c', 'd'], ['d', 'b', 'c', 'a', 'e'], visible)?.isStill).toBe(true);
    expect(compareOrders(['a', 'b', 'c', 'd'], ['a', 'c', 'b', 'd'], visible)?.isStill).toBe(false);
    expect(compareOrders(['a', 'b', 'c'], ['a', 'b'], visible)?.isStill).toBe(false);
    expect(compareOrders([], ['a'], { first: 0, end: 0 })?.isStill).toBe(true);
  });

  it('keeps the first visible run that still exists in place', () => {
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
          // The list cannot be scrolled above its start, in which case the run is higher than before.
          if (kept > 0) expect(after).toBe(before);
          else expect(after).toBeLessThanOrEqual(before);
        },
      ),
    );
  });
});

describe('sortBy', () => {
  it('starts with the most useful direction and reverses it at the second click', () => {
    const once = sortBy([], 'bestPsnr', false);
    expect(once).toEqual([{ by: 'bestPsnr', descending: true }]);
    expect(sortBy(once, 'bestPsnr', false)).toEqual([{ by: 'bestPsnr', descending: false }]);
    expect(sortBy(once, 'loss', false)).toEqual([{ by: 'loss', descending: false }]);
  });

  it('adds a second column with Shift, then reverses it, then removes it', () => {
    const first = sortBy([], 'preset', false);
    const second = sortBy(first, 'loss', true);
    expect(second.map(({ by }) => by)).toEqual(['preset', 'loss']);
    const turned = sortBy(second, 'loss', true);
    expect(turned[1]).toEqual({ by: 'loss', descending: true });
    expect(sortBy(turned, 'loss', true)).toEqual(first);
  });

  it('never leaves the list without an order', () => {
    const sort = [{ by: 'loss' as const, descending: true }];
    expect(sortBy(sort, 'loss', true)).toEqual([{ by: 'loss', descending: false }]);
  });
});

describe('the columns of the run list', () => {
  it('always include the name, and each column only once', () => {
    expect(shownColumns([])).toEqual(['name']);
    expect(shownColumns(['loss', 'loss', 'name'])).toEqual(['loss', 'name']);
    expect(toggleColumn(['name', 'loss'], 'name')).toEqual(['name', 'loss']);
  });

  it('return to their default position when they are shown again', () => {
    const without = toggleColumn(defaultSettings.columns, 'loss');
    expect(without).not.toContain('loss');
    expect(toggleColumn(without, 'loss')).toEqual(defaultSettings.columns);
  });

  it('are all kept when one of them is moved', () => {
    fc.assert(
      fc.property(fc.constantFrom(...runColumns), fc.integer({ min: -2, max: 30 }), (column, to) => {
        const moved = moveColumn(runColumns, column, to);
        expect([...moved].sort()).toEqual([...runColumns].sort());
        expect(moved.indexOf(column)).toBe(Math.min(runColumns.length - 1, Math.max(0, to)));
      }),
    );
  });

  it('fit into a window of 1440 pixels as they are at first, next to the navigation and a scroll bar', () => {
    const [navigation, margins, scrollBars] = [156, 40, 30];
    expect(minimumWidth(defaultSettings.columns)).toBeLessThanOrEqual(
      1440 - navigation - margins - scrollBars,
    );
  });

  it('are grid tracks between a check box and a menu', () => {
    expect(gridTemplate(['name', 'loss'])).toBe('34px minmax(158px, 1fr) 70px 32px');
  });
});

describe('gridAction', () => {
  const plain = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

  it('moves by rows, by pages, and to both ends', () => {
    expect(gridAction({ ...plain, key: 'ArrowDown' }, 20)).toEqual({ kind: 'move', by: 1, extends: false });
    expect(gridAction({ ...plain, key: 'PageUp', shiftKey: true }, 20)).toEqual({
      kind: 'move',
      by: -19,
      extends: true,
    });
    expect(gridAction({ ...plain, key: 'End' }, 20)).toEqual({ kind: 'move', by: Infinity, extends: false });
  });

  it('leaves all other keys to other handlers', () => {
    expect(gridAction({ ...plain, key: 'e' }, 20)).toBeNull();
    expect(gridAction({ ...plain, key: 'ArrowDown', altKey: true }, 20)).toBeNull();
    expect(gridAction({ ...plain, key: 'F10' }, 20)).toBeNull();
    expect(gridAction({ ...plain, key: 'F10', shiftKey: true }, 20)).toEqual({ kind: 'menu' });
    expect(gridAction({ ...plain, key: 'A', ctrlKey: true }, 20)).toEqual({ kind: 'selectAll' });
  });
});

describe('sparkPath', () => {
  const box = { width: 90, height: 20 };

  it('draws a loss that falls by equal factors as a straight line', () => {
    expect(sparkPath([1, 0.1, 0.01], box)).toBe('M0 0L45 10L90 20');
  });

  it('is linear for values that are not positive, flat for equal values, and empty for fewer than two values', () => {
    expect(sparkPath([-1, 0, 1], box)).toBe('M0 20L45 10L90 0');
    expect(sparkPath([2, 2], box)).toBe('M0 10L90 10');
    expect(sparkPath([2, Number.NaN], box)).toBe('');
  });
});

const run = exampleRunSummary({
  name: 'first',
  status: 'paused',
  step: 1200,
  totalSteps: 5000,
  fraction: 0.24,
});
const lane = exampleLaneProgress({
  done: 1234,
  total: 5000,
  fraction: 0.2468,
  stepsPerSecond: 12.4,
  secondsLeft: 338,
  secondsLeftSpread: 20,
});

describe('the cells of a row', () => {
  it('show the progress of the active run from the queue, which is ahead of the store', () => {
    expect(rowProgress(run, null)).toEqual({ fraction: 0.24, text: '1200 of 5000' });
    expect(rowProgress(run, lane)).toEqual({ fraction: 0.2468, text: '1234 of 5000' });
    expect(rowProgress(run, { ...lane, job: { ...lane.job, kind: 'evaluation' } }).text).toBe('1200 of 5000');
  });

  it('show rate and time left, the phase before a rate is known, and images for evaluations', () => {
    expect(laneLine(lane)).toBe('5 min 38 s left');
    expect(laneLine({ ...lane, secondsLeft: null })).toBe('12 steps/s');
    expect(laneLine({ ...lane, stepsPerSecond: null, phase: 'starting' })).toBe('starting');
    const evaluation = { ...lane, job: { ...lane.job, kind: 'evaluation' }, done: 34, total: 100 } as const;
    expect(laneLine(evaluation)).toBe('evaluating image 34 of 100');
  });

  it('show positions in the queue as ordinal numbers', () => {
    const positions = [1, 2, 3, 4, 11, 12, 13, 21, 112];
    const ordinals = positions.map((position) => describePlace(position, false).slice(9));
    expect(ordinals).toEqual(['next', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']);
    expect(describePlace(1, true)).toBe('held, next');
  });
});

describe('tasksFor', () => {
  it('returns tasks that depend on the status, the queue and the trash', () => {
    expect(tasksFor(run, false)).toContain('start');
    expect(tasksFor(run, true)).toContain('dequeue');
    expect(tasksFor({ ...run, status: 'finished' }, false)).not.toContain('start');
    const running = tasksFor({ ...run, status: 'running' }, false);
    expect(running).toEqual(expect.arrayContaining(['pause', 'stop']));
    expect(running).not.toContain('delete');
    expect(tasksFor({ ...run, deletedAt: run.createdAt }, false)).toEqual(['open', 'restore', 'purge']);
  });
});

describe('changes of tags', () => {
  it('contain only toggled tags, so that tags of some runs are kept', () => {
    const before = tagStates({ runs: 2, tags: [['a', 'b'], ['a']] }, ['c']);
    expect([...before]).toEqual([
      ['a', 'all'],
      ['b', 'some'],
    ]);
    const after = new Map(before).set('a', nextTagState('all')).set('new', nextTagState('none'));
    expect(changesBetween(before, after)).toEqual({ add: ['new'], remove: ['a'] });
    expect(changesBetween(before, before)).toEqual({ add: [], remove: [] });
  });

  it('treat tags as those of some runs if not all runs are loaded', () => {
    const states = tagStates({ runs: 10_000, tags: [['a'], ['a']] }, ['b']);
    expect(Object.fromEntries(states)).toEqual({ a: 'some', b: 'some' });
  });
});
