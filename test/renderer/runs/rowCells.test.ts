import { describe, expect, it } from 'vitest';
import { describePlace, laneLine, rowProgress } from '../../../renderer/models/runs/rowCells.ts';
import { tasksFor } from '../../../renderer/models/runs/runTasks.ts';
import { changesBetween, tagStates, nextTagState } from '../../../renderer/models/runs/tagChanges.ts';
import type { LaneProgress } from '../../../shared/queue.ts';
import type { RunSummary } from '../../../shared/runList.ts';

const run: RunSummary = {
  id: 'aaaaaaaa',
  name: 'first',
  status: 'paused',
  preset: 'tiny',
  method: 'flow',
  field: 'perceiver',
  source: 'synthetic',
  backend: null,
  step: 1200,
  totalSteps: 5000,
  fraction: 0.24,
  epoch: 4,
  processSeconds: 96,
  loss: 0.1,
  bestPsnr: null,
  bestSsim: null,
  tags: [],
  hasNote: false,
  archived: false,
  error: null,
  createdAt: '2026-11-20T09:00:00Z',
  updatedAt: '2026-11-20T09:00:00Z',
  deletedAt: null,
};
const lane: LaneProgress = {
  job: { kind: 'training', runId: 'aaaaaaaa', name: 'first' },
  phase: 'training',
  done: 1234,
  total: 5000,
  fraction: 0.2468,
  stepsPerSecond: 12.4,
  secondsLeft: 338,
  secondsLeftSpread: 20,
  quietSeconds: 0,
};

describe('rowCells', () => {
  it('The progress of the active run comes from the lane, which is ahead of the store', () => {
    expect(rowProgress(run, null)).toEqual({ fraction: 0.24, text: '1200 of 5000' });
    expect(rowProgress(run, lane)).toEqual({ fraction: 0.2468, text: '1234 of 5000' });
    expect(rowProgress(run, { ...lane, job: { ...lane.job, kind: 'evaluation' } }).text).toBe('1200 of 5000');
  });

  it('The lane line shows rate and time left, the phase before a rate is known, and images for evaluations', () => {
    expect(laneLine(lane)).toBe('12 steps/s · 5 min 38 s left');
    expect(laneLine({ ...lane, stepsPerSecond: null, phase: 'starting' })).toBe('starting');
    const evaluation = { ...lane, job: { ...lane.job, kind: 'evaluation' }, done: 34, total: 100 } as const;
    expect(laneLine(evaluation)).toBe('evaluating 34 of 100');
  });

  it('Positions in the queue are ordinal numbers', () => {
    const positions = [1, 2, 3, 4, 11, 12, 13, 21, 112];
    const ordinals = positions.map((position) => describePlace(position, false).slice(9));
    expect(ordinals).toEqual(['next', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']);
    expect(describePlace(1, true)).toBe('held, next');
  });
});

describe('tasksFor', () => {
  it('The tasks of a run depend on its status, the queue and the trash', () => {
    expect(tasksFor(run, false)).toContain('start');
    expect(tasksFor(run, true)).toContain('dequeue');
    expect(tasksFor({ ...run, status: 'finished' }, false)).not.toContain('start');
    const running = tasksFor({ ...run, status: 'running' }, false);
    expect(running).toEqual(expect.arrayContaining(['pause', 'stop']));
    expect(running).not.toContain('delete');
    expect(tasksFor({ ...run, deletedAt: run.createdAt }, false)).toEqual(['open', 'restore', 'purge']);
  });
});

describe('tagChanges', () => {
  it('Only toggled tags are changed, and tags on some runs stay', () => {
    const before = tagStates({ runs: 2, tags: [['a', 'b'], ['a']] }, ['c']);
    expect([...before]).toEqual([
      ['a', 'all'],
      ['b', 'some'],
    ]);
    const after = new Map(before).set('a', nextTagState('all')).set('new', nextTagState('none'));
    expect(changesBetween(before, after)).toEqual({ add: ['new'], remove: ['a'] });
    expect(changesBetween(before, before)).toEqual({ add: [], remove: [] });
  });

  it('Tags count as "some" if not all runs are loaded', () => {
    const states = tagStates({ runs: 10_000, tags: [['a'], ['a']] }, ['b']);
    expect(Object.fromEntries(states)).toEqual({ a: 'some', b: 'some' });
  });
});
