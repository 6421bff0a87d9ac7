/** Requests about runs that are there. */

import type { runRequests } from '../../shared/contract/runs.ts';
import { readLossCourses } from '../store/runs/series.ts';
import { countFacets, listRunIds, listRunPage } from '../store/runs/runList.ts';
import { purgeRun, renameRun, restoreRun, softDeleteRun } from '../store/runs/runLifecycle.ts';
import { archiveRuns, changeTags, writeNote } from '../store/runs/runMarks.ts';
import { join } from 'node:path';
import { doToEach } from './bulk.ts';
import { orConflict, RequestFailure } from './failure.ts';
import { locateData } from './locateData.ts';
import type { LaboratoryParts } from './parts.ts';
import { readSeries } from './readSeries.ts';
import type { HandlersOf } from './register.ts';
import { measureFolder, readRunDetail } from './runDetail.ts';

export function createRunHandlers(parts: LaboratoryParts): HandlersOf<typeof runRequests> {
  const { store, live } = parts;
  const { db } = store;
  return {
    'runs.list': (query) => listRunPage(db, query, query),
    'runs.ids': (query) => listRunIds(db, query),
    'runs.facets': ({ view }) => countFacets(db, view),
    'runs.courses': ({ ids }) => readLossCourses(db, ids),
    'runs.get': ({ id }) => readRunDetail(parts, id),
    'runs.series': (request) => readSeries(store, request),
    'runs.rename'({ id, name }) {
      const given = orConflict(() => renameRun(store, id, name));
      live.runsChanged([id]);
      return given;
    },
    'runs.tag'({ ids, add, remove }) {
      changeTags(store, ids, { add, remove });
      live.runsChanged(ids);
      return null;
    },
    'runs.note'({ id, text }) {
      writeNote(store, id, text);
      live.runsChanged([id]);
      return null;
    },
    'runs.archive'({ ids, archived }) {
      archiveRuns(store, ids, archived);
      live.listChanged();
      return null;
    },
    'runs.delete': ({ ids }) => changeList(parts, ids, (id) => deleteRun(parts, id)),
    'runs.restore': ({ ids }) => changeList(parts, ids, (id) => restoreRun(store, id)),
    'runs.purge': ({ ids }) => changeList(parts, ids, (id) => purgeRun(store, id)),
    'runs.locateData': (request) => locateData(parts, request),
    'runs.trashBytes': () => measureFolder(join(store.dataFolder, 'trash')),
  };
}

async function changeList(
  { live, library }: LaboratoryParts,
  ids: readonly string[],
  work: (id: string) => void,
) {
  const refusals = await doToEach(ids, work);
  live.listChanged();
  library.announce();
  return refusals;
}

/** A run at rest leaves the queue when it goes. */
function deleteRun({ store, lane }: LaboratoryParts, id: string): void {
  const kinds = ['training', 'evaluation'] as const;
  if (kinds.some((kind) => lane.find({ kind, runId: id }) === 'active'))
    throw new RequestFailure('conflict', 'It is being computed. Pause or stop it first.');
  softDeleteRun(store, id);
  for (const kind of kinds) lane.remove({ kind, runId: id });
}
