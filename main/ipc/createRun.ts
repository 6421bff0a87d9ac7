/** New runs, from the page's description to a place in the queue. */

import type { NewRun } from '../../shared/contract/training.ts';
import { findPreset, resolvePreset } from '../../shared/presets/registry.ts';
import { tiny } from '../../shared/presets/tiny.ts';
import type { RunRecord } from '../../shared/run.ts';
import { branchRun } from '../jobs/branchRun.ts';
import { insertRun } from '../store/runLifecycle.ts';
import { changeTags } from '../store/runMarks.ts';
import { getRun } from '../store/runs.ts';
import { orConflict, RequestFailure } from './failure.ts';
import type { LaboratoryParts } from './parts.ts';

const demoMinutes = 3;

/** @throws RequestFailure when the data set cannot be used, or the checkpoint to branch from does not fit. */
export async function createRun(parts: LaboratoryParts, request: NewRun): Promise<RunRecord> {
  const { store, library, lane, live } = parts;
  const { state, problem, title } = await library.find(request.dataSetId);
  if (state === 'broken')
    throw new RequestFailure(
      'conflict',
      problem ?? `The data set “${title}” cannot be read. Verify it first.`,
    );
  const data = { ...request.config.data, source: library.sourceOf(request.dataSetId) };
  const config = { ...request.config, data };
  const name = request.name || (findPreset(config.preset)?.name ?? config.preset);
  const { branchFrom } = request;
  const run = orConflict(() =>
    branchFrom
      ? branchRun(store, { name, config, from: branchFrom })
      : insertRun(store, { name, config, totalSteps: config.train.steps }),
  );
  changeTags(store, [run.id], { add: request.tags, remove: [] });
  live.listChanged();
  library.announce();
  if (request.then === 'start') orConflict(() => lane.add({ kind: 'training', runId: run.id, request: {} }));
  return getRun(store.db, run.id);
}

/** The first run of a new user: minutes, no download. */
export function createDemo(parts: LaboratoryParts): Promise<RunRecord> {
  const config = resolvePreset(tiny);
  const train = { ...config.train, minutes: demoMinutes };
  return createRun(parts, {
    ...{ name: 'demo', dataSetId: 'synthetic', tags: [], then: 'start', branchFrom: null },
    config: { ...config, train },
  });
}
