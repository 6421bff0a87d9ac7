import { describe, expect, it } from 'vitest';
import { findResumePoint } from '../../main/jobs/runCheckpoint.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { deleteMetricsAfter } from '../../main/store/runs/metrics.ts';
import { checkpointEvent, evaluationEvent, stepEvent } from './exampleEvents.ts';
import { exampleRun, startExample } from './exampleTraining.ts';
import { rebuildRun } from './rebuildRun.ts';

/** A run that was killed after so many steps, with a checkpoint of every fourth. */
async function killedRun(steps = 8) {
  const example = startExample(exampleRun({ evaluateEverySteps: 4, keepCheckpoints: 9 }));
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

describe('the resume point', () => {
  it('is the newest checkpoint where all metrics are stored', async () => {
    const { store, run } = await killedRun();
    expect(findResumePoint(store, run).checkpoint?.step).toBe(8);
  });

  it('is the checkpoint before where logged steps are missing', async () => {
    const { store, run } = await killedRun();
    deleteMetricsAfter(store.db, run.id, 6);
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
  });

  it('is the checkpoint before where only the evaluation is missing', async () => {
    const { store, run } = await killedRun();
    store.db.prepare("DELETE FROM metrics WHERE step = 8 AND name LIKE 'evaluation/%'").run();
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
  });

  it('is the last checkpoint before a gap of several, unless that is further back than three', async () => {
    const { store, run } = await killedRun(16);
    deleteMetricsAfter(store.db, run.id, 4);
    expect(findResumePoint(store, run).checkpoint?.step).toBe(4);
    const longer = await killedRun(24);
    deleteMetricsAfter(longer.store.db, longer.run.id, 8);
    expect(findResumePoint(longer.store, longer.run).checkpoint?.step).toBe(24);
  });

  it('is the beginning where the metrics before the first checkpoint are missing', async () => {
    const { host, folder, store, run, training } = startExample();
    host.emit(stepEvent(1));
    checkpointEvent(folder, 4);
    host.exit();
    await training.ended;
    expect(findResumePoint(store, run).checkpoint).toBeNull();
  });

  it.each([4, 8])(
    'is the newest checkpoint, of step %i, when a new database knows no metrics',
    async (steps) => {
      const { store, run } = rebuildRun(await killedRun(steps));
      expect(findResumePoint(store, run).checkpoint?.step).toBe(steps);
    },
  );

  it('lists a checkpoint whose writer died before it could report it', async () => {
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
