/** Runs with their evaluations, as they are compared. */

import type { ComparedRun } from '../../shared/comparison/comparison.ts';
import { listCheckpointRows } from './checkpoints.ts';
import type { LabDatabase } from './database.ts';
import { listEvaluations } from './evaluations.ts';
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
    checkpoints: listCheckpointRows(db, id).map(({ step, sha256 }) => ({ step, sha256 })),
  };
}
