/** A trained run by what the user typed: a run as elsewhere, or a preset, which stands for its newest run. */

import { findPreset } from '../../shared/config/presets/registry.ts';
import type { RunRecord } from '../../shared/run.ts';
import { listCheckpoints } from '../store/files/checkpointFolder.ts';
import { findRun } from '../store/runs/findRun.ts';
import { listRuns } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';

/**
 * The run of `lab … <run|preset>`. Runs are called like their preset where nobody names them, so a preset's name means
 * all of these: the newest finished one, else the newest with a checkpoint.
 * @throws Error when there is none, and how to train one.
 */
export function findTrainedRun(store: Store, reference: string): RunRecord {
  if (!findPreset(reference)) return findRun(store.db, reference);
  const trained = listRuns(store.db).filter(
    ({ id, preset, name }) =>
      [preset, name].includes(reference) && listCheckpoints(store.runFolder(id)).length > 0,
  );
  const run = trained.find(({ status }) => status === 'finished') ?? trained.at(0);
  if (run) return run;
  throw new Error(
    `No run of preset ${reference} has a checkpoint yet. Train one first: lab train --preset ${reference} --minutes 10.`,
  );
}
