import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findResumePoint } from '../../main/jobs/runCheckpoint.ts';
import { databaseFile } from '../../main/store/dataFolder.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { deleteMetricsAfter } from '../../main/store/runs/metrics.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import type { Store } from '../../main/store/store.ts';
import type { RunRecord } from '../../shared/run.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { checkpointEvent, evaluationEvent, stepEvent } from './fakeHost.ts';
import { insertTrainingRun, startExample } from './exampleTraining.ts';

/** Returns a run that was killed after this many steps, with a checkpoint after every fourth. */
async function createKilledRun(steps = 8) {
  const example = startExample(insertTrainingRun({ evaluateEverySteps: 4, keepCheckpoints: 9 }));
  const { host, folder, training } = example;
  for (let step = 1; step <= steps; step++) {
    host.emit(stepEvent(step));
    if (step % 4 > 0) continue;
    host.emit(evaluationEvent(step));
    host.emit(checkpointEvent(folder, step));
  }
  host.exit();
  return { ...example, run: await training.ended };
}

/** Deletes the database and returns the run from the one that is rebuilt from its folder. */
function rebuildRun({ store, run }: { store: Store; run: RunRecord }): {
  store: Store;
  run: RunRecord;
} {
  store.close();
  for (const ending of ['', '-wal', '-shm']) {
    rmSync(`${databaseFile(store.dataFolder)}${ending}`, { force: true });
  }
  const rebuilt = openExampleStore(store.dataFolder);
  return { store: rebuilt, run: getRun(rebuilt.db, run.id) };
}

describe('the resume point', () => {
  it('is the newest checkpoint if all metrics are stored', async () => {
    const { store, run } = await createKilledRun();
    expect(findResumePoint(store, run).checkpoint?.step).toBe(8);
  });

  it('is the previous checkpoint if logged steps are missing', async () => {
    const { store, run } = await createKilledRun();
    deleteMetricsAfter(store.db, run.id, 6);
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
  });

  it('is the previous checkpoint if only the evaluation is missing', async () => {
    const { store, run } = await createKilledRun();
    store.db.prepare("DELETE FROM metrics WHERE step = 8 AND name LIKE 'evaluation/%'").run();
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
  });

  it('is the last checkpoint before a gap, unless that is more than three checkpoints back', async () => {
    const { store, run } = await createKilledRun(16);
    deleteMetricsAfter(store.db, run.id, 4);
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
    const longer = await createKilledRun(24);
    deleteMetricsAfter(longer.store.db, longer.run.id, 8);
    expect(findResumePoint(longer.store, longer.run).checkpoint?.step).toBe(24);
  });

  it('is the start if the metrics before the first checkpoint are missing', async () => {
    const { host, folder, store, run, training } = startExample();
    host.emit(stepEvent(1));
    checkpointEvent(folder, 4);
    host.exit();
    await training.ended;
    expect(findResumePoint(store, run).checkpoint).toBeNull();
  });

  it.each([4, 8])(
    'is the newest checkpoint, of step %i, if a rebuilt database has no metrics',
    async (steps) => {
      const { store, run } = rebuildRun(await createKilledRun(steps));
      expect(findResumePoint(store, run).checkpoint?.step).toBe(steps);
    },
  );

  it('may be a checkpoint whose writer died before it could report it', async () => {
    const { host, folder, store, run, training } = startExample();
    for (const step of [1, 2, 3, 4]) host.emit(stepEvent(step));
    checkpointEvent(folder, 4);
    host.exit();
    await training.ended;
    expect(listCheckpointRows(store.db, run.id)).toEqual([]);
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
    expect(listCheckpointRows(store.db, run.id).map(({ step }) => step)).toEqual([4]);
  });
});
