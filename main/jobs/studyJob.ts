/** A study of a run's newest checkpoint, as the compute process takes it, and where its result is stored. */

import type { Study, StudyRequest } from '../../shared/study.ts';
import type { EvaluateJob, StudiedRun, StudyJob } from '../compute/protocol.ts';
import { writeStudy } from '../store/files/studyFiles.ts';
import type { Store } from '../store/store.ts';
import { planEvaluation } from './evaluationJob.ts';

/**
 * Plans a study on images, masks and noise of the run's evaluations.
 * @throws Error as `planEvaluation`.
 */
export function planStudy(
  store: Store,
  runId: string,
  { request, cacheFolder }: { readonly request: StudyRequest; readonly cacheFolder: string },
): { readonly job: StudyJob; readonly step: number } {
  const { images, samples } = request;
  const { job, step } = planEvaluation(store, runId, {
    request: { images: images.length, samples, solver: 'heun', steps: 1 },
    cacheFolder,
  });
  return { job: { ...withoutPlans(job), indices: [...new Set(images)] }, step };
}

/** Returns what an evaluation and a study have in common. */
function withoutPlans({ plans: _, images: __, ...sampling }: EvaluateJob): Omit<StudyJob, 'indices'> {
  return sampling;
}

/** Stores a study in place of the one before. @throws Error when the folder of the run is not there or the disk refuses. */
export function keepStudy(
  store: Pick<Store, 'runFolder'>,
  runId: string,
  { images, ...found }: StudiedRun,
): Study {
  const study: Study = {
    format: 2,
    createdAt: new Date().toISOString(),
    ...found,
    images: images.map(({ arrays: _, ...image }) => image),
  };
  writeStudy(
    store.runFolder(runId),
    study,
    images.map(({ arrays }) => arrays),
  );
  return study;
}
