/** Runs with their evaluations, as they are compared. */

import type { ComparedRun, RunPreviews } from '../../shared/comparison.ts';
import type { LabDatabase } from './database.ts';
import { listEvaluations } from './evaluations.ts';
import { listPreviews } from './previews.ts';
import { readSummaries } from './runList.ts';
import { getRun, unknownRun } from './runs.ts';

/** @throws UnknownRunError; Error when its configuration or an evaluation is not readable. */
export function readComparedRun(db: LabDatabase, id: string): ComparedRun {
  const { config } = getRun(db, id);
  const [summary] = readSummaries(db, [id]);
  if (!summary) throw unknownRun(id);
  return {
    ...{ summary, config },
    evaluations: listEvaluations(db, id).map(({ runId: _, ...evaluation }) => evaluation),
  };
}

/** @throws UnknownRunError. */
export function readPreviewSteps(db: LabDatabase, id: string): RunPreviews {
  if (readSummaries(db, [id]).length === 0) throw unknownRun(id);
  return { runId: id, steps: listPreviews(db, id).map(({ step }) => step) };
}
