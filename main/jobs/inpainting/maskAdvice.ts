/** Which runs have learnt to fill holes like those of a mask. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { adviseOnMask, measureTrainedHoles } from '../../../shared/config/trainedMasks.ts';
import type { MaskAdvice } from '../../../shared/contract/inpainting.ts';
import type { Mask } from '../../../shared/images/mask.ts';
import { enlargeHoles, type HoleMeasure, measureHoles } from '../../../shared/masks/holes.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { getRun, iterateRuns } from '../../store/runs/runs.ts';
import { listCheckpoints } from '../../store/files/checkpointFolder.ts';
import type { Store } from '../../store/store.ts';

/** What was measured of the masks of trainings, by their settings: most runs share those of a few presets. */
const measured = new Map<string, HoleMeasure>();

function trainedHoles({ mask, data }: RunConfig): HoleMeasure {
  const key = JSON.stringify([mask, data.imageSize]);
  const known = measured.get(key);
  if (known) return known;
  const measure = measureTrainedHoles({ mask, data });
  measured.set(key, measure);
  return measure;
}

/** Returns what is new to a run in a mask with these holes, as a sentence; null: nothing. */
export function adviseRun(config: RunConfig, holes: HoleMeasure): string | null {
  return adviseOnMask(config, holes, trainedHoles(config));
}

/** Returns what is new to each of the runs, in their order; runs that are missing or unreadable are left out. */
export function adviseRuns(
  { db }: Pick<Store, 'db'>,
  runIds: readonly string[],
  holes: HoleMeasure,
): readonly MaskAdvice[] {
  return runIds.flatMap((runId) => {
    const config = findConfig(db, runId);
    return config ? [{ runId, warning: adviseRun(config, holes) }] : [];
  });
}

function findConfig(db: Store['db'], runId: string): RunConfig | null {
  try {
    return getRun(db, runId).config;
  } catch {
    return null;
  }
}

/**
 * Returns what is new to a run in the holes of a mask and which run to take instead, as text of the terminal; null if
 * nothing is new. The holes of an image that is enlarged `scale` times grow with it.
 */
export function adviseInTerminal(
  store: Store,
  run: RunRecord,
  { mask, scale }: { readonly mask: Mask; readonly scale: number },
): string | null {
  const holes = enlargeHoles(measureHoles(mask), scale);
  const warning = adviseRun(run.config, holes);
  if (warning === null) return null;
  const other = findTrainedOn(store, holes);
  const next = other
    ? `Run ${other.id} "${other.name}" was trained on such masks.`
    : 'Train a run on such masks: "lab presets" lists what each preset is for.';
  return `${warning} ${next}`;
}

/** Runs that are considered for a recommendation, from the newest on. */
const mostConsidered = 200;

/** Returns the newest run with a checkpoint that was trained with masks like this one; null if there is none. */
function findTrainedOn(store: Store, holes: HoleMeasure): RunRecord | null {
  let considered = 0;
  for (const run of iterateRuns(store.db)) {
    if (++considered > mostConsidered) return null;
    if (adviseRun(run.config, holes) === null && listCheckpoints(store.runFolder(run.id)).length > 0)
      return run;
  }
  return null;
}
