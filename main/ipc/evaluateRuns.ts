/** Evaluations of several runs on one protocol, so that their numbers compare. */

import type { ParsedInput } from '../../shared/contract.ts';
import type { QueueState } from '../../shared/queue.ts';
import type { RunRecord } from '../../shared/run.ts';
import { type EvaluationRequest, planEvaluation } from '../jobs/evaluationJob.ts';
import { getRun } from '../store/runs/runs.ts';
import { describeSource } from '../../shared/text/sourceWords.ts';
import { orConflict, RequestFailure } from './failure.ts';
import type { LaboratoryParts } from './parts.ts';

/**
 * One job a run, all of them or none. What the request leaves out is as in the first run.
 * @throws RequestFailure when the runs have other data or image sizes, one has no checkpoint, or waits already.
 */
export function evaluateRuns(
  { store, lane, library, options }: LaboratoryParts,
  ids: readonly string[],
  { dataSetId, ...asked }: ParsedInput<'compare.evaluate'>['request'],
): QueueState {
  const runs = ids.map((id) => getRun(store.db, id));
  checkImageSizes(runs);
  if (dataSetId === undefined) checkDataSets(runs);
  const [{ config }] = runs;
  const request: EvaluationRequest = {
    ...asked,
    keepRatio: asked.keepRatio ?? config.mask.keepRatio,
    symmetries: asked.symmetries ?? config.sampler.symmetries,
    source: dataSetId === undefined ? config.data.source : library.sourceOf(dataSetId),
  };
  for (const { id, name } of runs) {
    orConflict(() => planEvaluation(store, id, { request, cacheFolder: options.cacheFolder }));
    if (lane.find({ kind: 'evaluation', runId: id }))
      throw new RequestFailure(
        'conflict',
        `An evaluation of “${name}” is in the queue already. Wait for its end, or take it out.`,
      );
  }
  for (const { id } of runs) orConflict(() => lane.add({ kind: 'evaluation', runId: id, request }));
  return lane.state();
}

function checkImageSizes(runs: readonly RunRecord[]): void {
  const [first, ...others] = runs;
  const size = first.config.data.imageSize;
  const other = others.find(({ config }) => config.data.imageSize !== size);
  if (!other) return;
  const found = other.config.data.imageSize;
  throw new RequestFailure(
    'conflict',
    `“${other.name}” works on images of ${found}×${found} pixels, “${first.name}” on ${size}×${size}: no evaluation has both. Leave one of them out.`,
  );
}

/** The same place, or the same pictures wherever they lie. */
function checkDataSets(runs: readonly RunRecord[]): void {
  const [first, ...others] = runs;
  const other = others.find(
    ({ config, dataset }) =>
      config.data.source !== first.config.data.source &&
      (dataset === null || dataset.checksum !== first.dataset?.checksum),
  );
  if (!other) return;
  const words = (run: RunRecord) => `“${run.name}” has ${describeSource(run.config.data.source)}`;
  throw new RequestFailure(
    'conflict',
    `${words(other)}, ${words(first)}: on other pictures their numbers do not compare. Choose one data set for all of them, or leave “${other.name}” out.`,
  );
}
