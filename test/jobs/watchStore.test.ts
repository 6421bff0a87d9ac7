import { describe, expect, it, onTestFinished } from 'vitest';
import type { EventName } from '../../shared/contract.ts';
import { createLiveEvents } from '../../main/jobs/liveEvents.ts';
import { watchStore } from '../../main/jobs/watchStore.ts';
import { insertMetrics } from '../../main/store/runs/metrics.ts';
import { renameRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { updateRun } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';

/** Opens a watched store, and the same folder as another process sees it. */
function watchExample(isOwn: (runId: string) => boolean = () => false) {
  const store = openExampleStore();
  const run = insertExampleRun(store);
  const events: { name: EventName; payload: unknown }[] = [];
  const live = createLiveEvents(store, (name, payload) => void events.push({ name, payload }));
  const watch = watchStore(store, live, isOwn);
  const other = openStore(store.dataFolder);
  onTestFinished(() => {
    watch.end();
    other.close();
  });
  /** Checks once more and returns everything that is reported, including buffered events. */
  const look = (): typeof events => {
    events.splice(0);
    watch.check();
    live.close();
    return events;
  };
  return { store, other, run, watch, live, events, look };
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

  it('reports a changed list when a run is added or removed', () => {
    const { other, run, look } = watchExample();
    softDeleteRun(other, run.id);
    expect(look()).toEqual([{ name: 'runs.listChanged', payload: null }]);
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
