/** Requests about several runs at once. */

import type { compareRequests } from '../../shared/contract/compare.ts';
import { readComparedRun } from '../store/runs/evaluations.ts';
import { readPreviewSteps } from '../store/runs/previews.ts';
import { makeReport } from './compareReport.ts';
import { evaluateRuns } from './evaluateRuns.ts';
import type { LaboratoryParts } from './parts.ts';
import type { HandlersOf } from './register.ts';

export function createCompareHandlers(parts: LaboratoryParts): HandlersOf<typeof compareRequests> {
  return {
    'compare.get': ({ ids }) => ids.map((id) => readComparedRun(parts.store.db, id)),
    'compare.previews': ({ ids }) => ids.map((id) => readPreviewSteps(parts.store.db, id)),
    'compare.evaluate': ({ ids, request }) => evaluateRuns(parts, ids, request),
    'compare.report': (request) => makeReport(parts, request),
  };
}
