/** Which runs have learnt to fill holes like those of a mask. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { type GivenImage, isAtScale, rankRuns } from '../../../shared/config/recommendedRuns.ts';
import { findChannelObstacle } from '../../../shared/config/maskProblem.ts';
import {
  adviseOnMask,
  describeTraining,
  measureTrainedHoles,
  type TrainedHoles,
} from '../../../shared/config/trainedMasks.ts';
import type { MaskAdvice } from '../../../shared/contract/inpainting.ts';
import { areCropped } from '../../../shared/dataset.ts';
import type { Mask } from '../../../shared/images/mask.ts';
import { enlargeHoles, type HoleMeasure, measureHoles } from '../../../shared/masks/holes.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { readSummaries } from '../../store/runs/runList.ts';
import { getRun, iterateRuns } from '../../store/runs/runs.ts';
import { listCheckpoints } from '../../store/files/checkpointFolder.ts';
import type { Store } from '../../store/store.ts';

/** What was measured of the masks of trainings, by their settings: most runs share those of a few presets. */
const measured = new Map<string, TrainedHoles>();

function trainedHoles({ mask, data }: RunConfig): TrainedHoles {
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

/** Returns what each of the runs was trained on, in their order; runs that are missing or unreadable are left out. */
export function adviseRuns(
  { db }: Pick<Store, 'db'>,
  runIds: readonly string[],
  holes: HoleMeasure,
): readonly MaskAdvice[] {
  return runIds.flatMap((runId) => {
    const config = findConfig(db, runId);
    if (!config) return [];
    const { imageSize } = config.data;
    const scale = { imageSize, isCropped: areCropped(config.data) };
    const { channels } = holes;
    return [
      {
        runId,
        ...scale,
        trainedOn: describeTraining(config),
        warning: adviseRun(config, holes),
        obstacle: findChannelObstacle(config.field, { channels }),
      },
    ];
  });
}

function findConfig(db: Store['db'], runId: string): RunConfig | null {
  try {
    return getRun(db, runId).config;
  } catch {
    return null;
  }
}

/** The mask of an image that is enlarged `scale` times; `isFitted`: of its square, shrunk to the training size. */
export interface AdvisedMask {
  readonly mask: Mask;
  readonly scale: number;
  readonly isFitted: boolean;
}

/**
 * Returns what is new to a run in the holes of a mask and which run to take instead, as text of the terminal; null if
 * nothing is new. The holes of an image that is enlarged `scale` times grow with it.
 */
export function adviseInTerminal(
  store: Store,
  run: RunRecord,
  { mask, scale, isFitted }: AdvisedMask,
): string | null {
  const holes = enlargeHoles(measureHoles(mask), scale);
  const warning = adviseRun(run.config, holes);
  if (warning === null) return null;
  const image = { width: scale * mask.width, height: scale * mask.height, isFitted };
  const other = findTrainedOn(store, holes, image);
  const next = other
    ? `Run ${other.id} "${other.name}" was trained on such masks.`
    : 'Train a run on such masks: "lab presets" lists what each preset is for.';
  return `${warning} ${next}`;
}

/** Runs that are considered for a recommendation, from the newest on. */
const mostConsidered = 200;

/** Returns the recommended run with a checkpoint among those trained with masks like this one; null if there is none. */
function findTrainedOn(store: Store, holes: HoleMeasure, image: GivenImage): RunRecord | null {
  const trained: RunRecord[] = [];
  let considered = 0;
  for (const run of iterateRuns(store.db)) {
    if (++considered > mostConsidered) break;
    if (adviseRun(run.config, holes) === null && listCheckpoints(store.runFolder(run.id)).length > 0)
      trained.push(run);
  }
  const summaries = new Map(
    readSummaries(
      store.db,
      trained.map(({ id }) => id),
    ).map((summary) => [summary.id, summary]),
  );
  const ranked = rankRuns(trained, ({ id, config: { data } }) => {
    const summary = summaries.get(id);
    return {
      isTrained: true,
      isAtScale: isAtScale({ imageSize: data.imageSize, isCropped: areCropped(data) }, image),
      hasLearnt: (summary?.warning ?? null) === null,
      bestPsnr: summary?.bestPsnr ?? null,
      scores: { key: summary?.scores.key ?? '' },
    };
  });
  return ranked.at(0) ?? null;
}
