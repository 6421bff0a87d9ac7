/** Creates runs from the page's description, and queues them. */

import { describeError } from '../../../shared/text/describeError.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { isBoundToMachine, parseDataSource } from '../../../shared/dataset.ts';
import type { NewRun } from '../../../shared/contract/training.ts';
import { findPreset, resolvePreset, tiny } from '../../../shared/config/presets.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { branchRun } from '../../jobs/branchRun.ts';
import { insertRun } from '../../store/runs/runLifecycle.ts';
import { changeTags } from '../../store/runs/runMarks.ts';
import { getRun } from '../../store/runs/runs.ts';
import { asConflict, RequestFailure } from '../failure.ts';
import { readDataset } from '../library/readDataset.ts';
import type { LaboratoryParts } from '../parts.ts';

const demoMinutes = 3;

/** @throws RequestFailure when the dataset cannot be used or the checkpoint to branch from does not fit. */
export async function createRun(parts: LaboratoryParts, request: NewRun): Promise<RunRecord> {
  const { store, library, lane, live } = parts;
  const { state, problem, title } = await library.find(request.datasetId);
  if (state === 'broken')
    throw new RequestFailure(
      'conflict',
      problem ?? `The dataset “${title}” cannot be read. Verify it first.`,
    );
  const data = { ...request.config.data, source: library.sourceOf(request.datasetId) };
  // A new run has no history of longer budgets, even if its configuration was copied from another run.
  const config = { ...request.config, data, optim: { ...request.config.optim, extensions: [] } };
  await checkReadable(parts, config);
  const name = request.name || (findPreset(config.preset)?.name ?? config.preset);
  const { branchFrom } = request;
  const run = asConflict(() =>
    branchFrom
      ? branchRun(store, { name, config, from: branchFrom })
      : insertRun(store, { name, config, totalSteps: config.train.steps }),
  );
  changeTags(store, [run.id], { add: request.tags, remove: [] });
  live.listChanged();
  library.announce();
  if (request.then === 'start') asConflict(() => lane.add({ kind: 'training', runId: run.id, request: {} }));
  return getRun(store.db, run.id);
}

/** Checks the images before creating a run that could not be trained. @throws RequestFailure when they cannot be read. */
async function checkReadable({ options }: LaboratoryParts, { data }: RunConfig): Promise<void> {
  const { source, imageSize, folderLayout } = data;
  if (!isBoundToMachine(parseDataSource(source))) return;
  const { cacheFolder } = options;
  try {
    await readDataset({ source, split: 'train', first: 1, imageSize, folderLayout, cacheFolder });
  } catch (error) {
    throw new RequestFailure('conflict', describeError(error), { cause: error });
  }
}

/** Creates the demo run, which takes minutes and needs no download. */
export function createDemo(parts: LaboratoryParts): Promise<RunRecord> {
  const config = resolvePreset(tiny);
  const train = { ...config.train, minutes: demoMinutes };
  return createRun(parts, {
    name: 'demo',
    datasetId: 'synthetic',
    tags: [],
    then: 'start',
    branchFrom: null,
    config: { ...config, train },
  });
}
