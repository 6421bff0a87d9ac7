/** Handlers of the requests about the study of a run. */

import type { studyRequests } from '../../../shared/contract/study.ts';
import { measureSlowness } from '../../runtime/processorSpeed.ts';
import { planStudy } from '../../jobs/studyJob.ts';
import { readStudy } from '../../store/files/studyFiles.ts';
import { getRun } from '../../store/runs/runs.ts';
import { asConflict } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import { estimateStudy } from './estimateTimes.ts';
import type { HandlersOf } from '../register.ts';

export function createStudyHandlers({
  store,
  lane,
  options,
  system,
}: LaboratoryParts): HandlersOf<typeof studyRequests> {
  return {
    'study.get'({ id }) {
      getRun(store.db, id);
      return readStudy(store.runFolder(id));
    },
    'study.estimate'({ id, ...request }) {
      const { config } = getRun(store.db, id);
      const { job } = asConflict(() => planStudy(store, id, { request, cacheFolder: options.cacheFolder }));
      const sources = { db: store.db, report: system.report(), slowness: measureSlowness };
      return estimateStudy(sources, config, {
        images: job.indices.length,
        samples: job.samples,
        keepRatio: job.protocol.keepRatio,
        earlier: readStudy(store.runFolder(id)),
      });
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
