/** Everything the view of one run shows, gathered from the store. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDetail } from '../../shared/runDetail.ts';
import { listCheckpointRows } from '../store/runs/checkpoints.ts';
import { trashFolder } from '../store/dataFolder.ts';
import { listEvaluations } from '../store/runs/evaluations.ts';
import { listPreviews } from '../store/runs/previews.ts';
import { readSummaries } from '../store/runs/runList.ts';
import { readMarks } from '../store/runs/runMarks.ts';
import { getRun, unknownRun } from '../store/runs/runs.ts';
import { listSegments } from '../store/runs/segments.ts';
import type { LaboratoryParts } from './parts.ts';

/** @throws UnknownRunError; Error when the run's configuration is not readable. */
export async function readRunDetail(
  { store, library }: Pick<LaboratoryParts, 'store' | 'library'>,
  id: string,
): Promise<RunDetail> {
  const { db } = store;
  const run = getRun(db, id);
  const [summary] = readSummaries(db, [id]);
  if (!summary) throw unknownRun(id);
  const { note, branchedFrom } = readMarks(db, id);
  const folder = summary.deletedAt === null ? store.runFolder(id) : trashFolder(store.dataFolder, id);
  return {
    ...{ run, summary, note, branchedFrom },
    checkpoints: listCheckpointRows(db, id),
    segments: listSegments(db, id),
    evaluations: listEvaluations(db, id).map(({ runId: _, ...evaluation }) => evaluation),
    previews: listPreviews(db, id),
    bytes: await measureFolder(folder),
    dataSetId: library.idOf(run.config.data.source),
  };
}

/** Bytes of all files in a folder and below it; what cannot be read counts nothing. */
export async function measureFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
