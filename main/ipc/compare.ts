/** Requests about several runs at once. */

import type { compareRequests } from '../../shared/contract/compare.ts';
import type { ComparedRun } from '../../shared/comparison.ts';
import { listEvaluations } from '../store/evaluations.ts';
import { readSummaries } from '../store/runList.ts';
import { getRun, unknownRun } from '../store/runs.ts';
import { evaluateRuns } from './evaluateRuns.ts';
import { RequestFailure } from './failure.ts';
import type { LaboratoryParts } from './parts.ts';
import type { HandlersOf } from './register.ts';

export function createCompareHandlers(parts: LaboratoryParts): HandlersOf<typeof compareRequests> {
  return {
    'compare.get': ({ ids }) => ids.map((id) => readComparedRun(parts, id)),
    'compare.evaluate': ({ ids, request }) => evaluateRuns(parts, ids, request),
    'compare.report'() {
      throw new RequestFailure(
        'conflict',
        'Reports cannot be written by this version. Copy the tables of the comparison instead.',
      );
    },
  };
}

/** @throws UnknownRunError; Error when its configuration or an evaluation is not readable. */
function readComparedRun({ store: { db } }: LaboratoryParts, id: string): ComparedRun {
  const { config } = getRun(db, id);
  const [summary] = readSummaries(db, [id]);
  if (!summary) throw unknownRun(id);
  return {
    ...{ summary, config },
    evaluations: listEvaluations(db, id).map(({ runId: _, ...evaluation }) => evaluation),
  };
}
