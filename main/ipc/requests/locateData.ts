/** Points a run to the present place of its images. */

import { describeError } from '../../../shared/text/describeError.ts';
import { readingOf } from '../../../shared/config/config.ts';
import type { LocatedData } from '../../../shared/contract/runs.ts';
import { type DatasetInfo, describeIdentity } from '../../../shared/dataset.ts';
import { changeRunConfig } from '../../store/runs/runLifecycle.ts';
import { getRun, updateRun } from '../../store/runs/runs.ts';
import { RequestFailure } from '../failure.ts';
import { readDataset } from '../library/readDataset.ts';
import type { LaboratoryParts } from '../parts.ts';

interface Place {
  readonly id: string;
  readonly datasetId: string;
  readonly acceptChangedData: boolean;
}

/** @throws RequestFailure when the run is being trained, or the images cannot be read. */
export async function locateData(
  { store, library, live, lane, options }: LaboratoryParts,
  { id, datasetId, acceptChangedData }: Place,
): Promise<LocatedData> {
  const checkIdle = () => {
    if (getRun(store.db, id).status === 'running' || lane.find({ kind: 'training', runId: id }) === 'active')
      throw new RequestFailure(
        'conflict',
        'The run is being trained. Pause it, then choose the place of its images.',
      );
  };
  checkIdle();
  const source = library.sourceOf(datasetId);
  const found = await readTraining(source);
  checkIdle();
  const run = getRun(store.db, id);
  const { config, dataset } = run;
  const isSame = dataset === null || dataset.checksum === found.checksum;
  const difference = isSame
    ? null
    : `This place has ${describeIdentity(found, 'train')}, but the run was trained on ${describeIdentity(dataset, 'train')}.`;
  if (!isSame && !acceptChangedData) return { difference };
  changeRunConfig(store, id, { ...config, data: { ...config.data, source } });
  if (dataset) updateRun(store.db, id, { dataset: movedTo(dataset, source, isSame ? null : found) });
  if (isSame && run.error !== null && ['queued', 'paused', 'stopped', 'interrupted'].includes(run.status))
    updateRun(store.db, id, { error: null });
  live.runsChanged([id]);
  library.announce();
  return { difference };

  async function readTraining(place: string): Promise<DatasetInfo> {
    const reading = readingOf(getRun(store.db, id).config.data);
    const { cacheFolder } = options;
    try {
      return (await readDataset({ source: place, split: 'train', reading, cacheFolder })).info;
    } catch (error) {
      throw new RequestFailure('conflict', describeError(error), { cause: error });
    }
  }
}

/** Moves the expected dataset to another source. If it holds other images, they still have to be accepted on resume. */
function movedTo(
  { refused: _, ...dataset }: DatasetInfo,
  source: string,
  other: DatasetInfo | null,
): DatasetInfo {
  const moved = { ...dataset, source };
  return other
    ? { ...moved, refused: { count: other.count, checksum: other.checksum, split: 'train' } }
    : moved;
}
