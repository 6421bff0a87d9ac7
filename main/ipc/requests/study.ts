/** Handlers of the requests about the study of a run. */

import type { studyRequests } from '../../../shared/contract/study.ts';
import { planStudy } from '../../jobs/studyJob.ts';
import { readStudy } from '../../store/files/studyFiles.ts';
import { getRun } from '../../store/runs/runs.ts';
import { asConflict } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createStudyHandlers({
  store,
  lane,
  options,
}: LaboratoryParts): HandlersOf<typeof studyRequests> {
  return {
    'study.get'({ id }) {
      getRun(store.db, id);
      return readStudy(store.runFolder(id));
    },
    'study.start'({ id, ...request }) {
      getRun(store.db, id);
      asConflict(() => {
        planStudy(store, id, { request, cacheFolder: options.cacheFolder });
        lane.add({ kind: 'study', runId: id, request });
      });
      return lane.state();
    },
  };
}
