import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EventName } from '../../shared/contract.ts';
import { createLiveEvents } from '../../main/jobs/liveEvents.ts';
import { watchStore } from '../../main/jobs/watchStore.ts';
import { insertMetrics } from '../../main/store/runs/metrics.ts';
import { purgeRun, renameRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { changeTags, writeNote } from '../../main/store/runs/runMarks.ts';
import { updateRun } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { createSweep, deleteSweep, setSweepState } from '../../main/store/sweeps.ts';
import { exampleSweepFile } from '../cluster/exampleSweep.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';

/** Opens a watched store, and the same folder as another process sees it. */
function watchExample(isOwn: (runId: string) => boolean = () => false) {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = openExampleStore();
  const run = insertExampleRun(store);
  const events: { name: EventName; payload: unknown }[] = [];
  const sweepChanges = { count: 0 };
  const live = createLiveEvents(store, (name, payload) => void events.push({ name, payload }));
  const watch = watchStore(store, live, { isOwn, onSweeps: () => void (sweepChanges.count += 1) });
  const other = openStore(store.dataFolder);
  onTestFinished(() => {
    watch.end();
    other.close();
  });
  /** Checks once more and returns everything that is reported then. */
  const look = (): typeof events => {
    events.splice(0);
    watch.check();
    vi.advanceTimersByTime(500);
    return [...events];
  };
  return { store, other, run, watch, live, events, look, sweepChanges };
}

function logLoss(store: ReturnType<typeof openExampleStore>, runId: string, step: number): void {
  insertMetrics(store.db, runId, [{ step, name: 'loss', value: 1, processSeconds: 1, wallTime: 1 }]);
  updateRun(store.db, runId, { step });
}

describe('watching the store', () => {
  it('reports nothing that this process itself has written', () => {
    const { store, run, look } = watchExample();
    renameRun(store, run.id, 'renamed');
    updateRun(store.db, run.id, { step: 5 });
    expect(look()).toEqual([]);
  });

  it('reports the runs that another process changed', () => {
    const { other, run, look } = watchExample();
    updateRun(other.db, run.id, { step: 5 });
    expect(look()).toEqual([
      { name: 'runs.changed', payload: [expect.objectContaining({ id: run.id, step: 5 })] },
    ]);
  });

  it('reports new names, notes and tags from another process', () => {
    const { other, run, look } = watchExample();
    const changes = [
      () => renameRun(other, run.id, 'renamed'),
      () => writeNote(other, run.id, 'a note'),
      () => changeTags(other, [run.id], { add: ['thesis'], remove: [] }),
      () => changeTags(other, [run.id], { add: [], remove: ['thesis'] }),
    ];
    for (const change of changes) {
      change();
      expect(look().map(({ name }) => name)).toEqual(['runs.changed']);
    }
  });

  it('reports every change, even if the clock stops or is set back between them', () => {
    const { other, run, look } = watchExample();
    for (const [step, shift] of [0, 0, -3_600_000].entries()) {
      vi.setSystemTime(Date.now() + shift);
      updateRun(other.db, run.id, { step });
      const payload = [expect.objectContaining({ id: run.id, step })];
      expect(look()).toEqual([{ name: 'runs.changed', payload }]);
    }
  });

  it('reports the next change after the newest run was purged', () => {
    const { other, run, look } = watchExample();
    const newest = insertExampleRun(other, 'newest');
    softDeleteRun(other, newest.id);
    look();
    purgeRun(other, newest.id);
    look();
    renameRun(other, run.id, 'renamed');
    expect(look().map(({ name }) => name)).toEqual(['runs.changed']);
  });

  it('reports a changed list when a run is added or removed', () => {
    const { other, run, look } = watchExample();
    softDeleteRun(other, run.id);
    expect(look()).toContainEqual({ name: 'runs.listChanged', payload: null });
  });

  it('reports the sweeps that another process created, deleted or ended', () => {
    const { store, other, look, sweepChanges } = watchExample();
    const { spec } = exampleSweepFile(2);
    createSweep(store.db, spec);
    expect([look(), sweepChanges.count]).toEqual([[], 0]);
    const { id } = createSweep(other.db, spec);
    expect(look()).toEqual([{ name: 'sweeps.listChanged', payload: null }]);
    setSweepState(other.db, id, { state: 'finished' });
    expect(look()).toEqual([{ name: 'sweeps.listChanged', payload: null }]);
    deleteSweep(other, id);
    expect(look()).toEqual([{ name: 'sweeps.listChanged', payload: null }]);
    expect(sweepChanges.count).toBe(3);
  });

  it('reports new points from the second check on, because the page has read earlier ones', () => {
    const { other, run, watch, look } = watchExample();
    logLoss(other, run.id, 10);
    watch.check();
    logLoss(other, run.id, 20);
    logLoss(other, run.id, 30);
    const metrics = look().filter(({ name }) => name === 'run.metrics');
    expect(metrics).toMatchObject([{ payload: { runId: run.id, points: [{ step: 20 }, { step: 30 }] } }]);
  });

  it('leaves the points of its own lane to the lane', () => {
    const { other, run, watch, look } = watchExample(() => true);
    logLoss(other, run.id, 10);
    watch.check();
    logLoss(other, run.id, 20);
    expect(look().map(({ name }) => name)).toEqual(['runs.changed']);
  });
});
