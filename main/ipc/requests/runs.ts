/** Requests about existing runs: lists, details, series, marks and the trash. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { countEpochSteps } from '../../../shared/config/longerBudget.ts';
import type { Refusal, runRequests } from '../../../shared/contract/runs.ts';
import type { MetricName } from '../../../shared/metric.ts';
import { decimate, smooth } from '../../../shared/numbers/curves.ts';
import { laneJobKinds } from '../../../shared/queue.ts';
import { pageWords } from '../../../shared/runGroups.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { type ChartAxis, positionOnAxis, type Series, type SeriesRequest } from '../../../shared/series.ts';
import { trashFolder } from '../../store/dataFolder.ts';
import { listCheckpointRows } from '../../store/runs/checkpoints.ts';
import { listEvaluations } from '../../store/runs/evaluations.ts';
import { readReferences } from '../../store/runs/references.ts';
import { listPreviews } from '../../store/runs/previews.ts';
import { purgeRun, renameRun, restoreRun, softDeleteRun } from '../../store/runs/runLifecycle.ts';
import { listRunGroups } from '../../store/runs/runGroups.ts';
import { countFacets, listRunIds, listRunPage, readSummaries } from '../../store/runs/runList.ts';
import { archiveRuns, changeTags, readMarks, writeNote } from '../../store/runs/runMarks.ts';
import { readRunLog } from '../../store/runs/runLog.ts';
import { getRun, unknownRun } from '../../store/runs/runs.ts';
import { listSegments } from '../../store/runs/segments.ts';
import { type MetricColumns, readColumns, readLossCurves, readThinned } from '../../store/runs/series.ts';
import type { Store } from '../../store/store.ts';
import { asConflict, RequestFailure, toFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';
import { locateData } from './locateData.ts';

export function createRunHandlers(parts: LaboratoryParts): HandlersOf<typeof runRequests> {
  const { store, live } = parts;
  const { db } = store;
  return {
    'runs.list': (query) => listRunPage(db, query, query),
    'runs.ids': (query) => listRunIds(db, query),
    'runs.groups': (query) => listRunGroups(db, listRunIds(db, query), query, pageWords),
    'runs.rows': ({ ids }) => readSummaries(db, ids),
    'runs.facets': ({ view }) => countFacets(db, view),
    'runs.courses': ({ ids }) => readLossCurves(db, ids),
    'runs.get': ({ id }) => readRunDetail(parts, id),
    'runs.log': ({ id }) => readRunLog(db, id),
    'runs.series': (request) => readSeries(store, request),
    'runs.rename'({ id, name }) {
      const given = asConflict(() => renameRun(store, id, name));
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
  const refusals = await applyToEach(ids, work);
  live.listChanged();
  library.announce();
  return refusals;
}

/** Moves a run that is not running to the trash and removes it from the queue. */
function deleteRun({ store, lane }: LaboratoryParts, id: string): void {
  if (laneJobKinds.some((kind) => lane.find({ kind, runId: id }) === 'active'))
    throw new RequestFailure('conflict', 'The run is active. Pause or stop it first.');
  softDeleteRun(store, id);
  for (const kind of laneJobKinds) lane.remove({ kind, runId: id });
}

/** Milliseconds of work between two pauses. */
const workInterval = 12;

/** Applies `work` to each ID, yielding to other work in between. Returns the IDs that failed, with the reason. */
async function applyToEach(ids: readonly string[], work: (id: string) => void): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  let startedAt = performance.now();
  for (const id of new Set(ids)) {
    try {
      work(id);
    } catch (error) {
      refusals.push({ id, message: toFailure(error, { channel: '', version: '' }).message });
    }
    if (performance.now() - startedAt < workInterval) continue;
    await setImmediate();
    startedAt = performance.now();
  }
  return refusals;
}

/** @throws UnknownRunError; Error when the run's configuration is not readable. */
async function readRunDetail(
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
    run,
    summary,
    note,
    branchedFrom,
    checkpoints: listCheckpointRows(db, id),
    segments: listSegments(db, id),
    evaluations: listEvaluations(db, id).map(({ runId: _, ...evaluation }) => evaluation),
    previews: listPreviews(db, id),
    references: readReferences(db, id),
    bytes: await measureFolder(folder),
    datasetId: library.idOf(run.config.data.source),
  };
}

/** Returns the bytes of all files in a folder and below it; unreadable files count as 0. */
async function measureFolder(folder: string): Promise<number> {
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

/**
 * Returns one series for each run and name, in that order: smoothed over all logged points, cut to the requested range, then
 * thinned. Other work runs in between.
 */
export async function readSeries(store: Store, request: SeriesRequest): Promise<Series[]> {
  const series: Series[] = [];
  for (const runId of request.ids) {
    const run = getRun(store.db, runId);
    for (const name of request.names) {
      series.push({ runId, name, ...(await readOne(store, { run, name }, request)) });
      await setImmediate();
    }
  }
  return series;
}

type Curve = Omit<Series, 'runId' | 'name'>;

async function readOne(
  { db }: Pick<Store, 'db'>,
  { run, name }: { run: RunRecord; name: MetricName },
  request: SeriesRequest,
): Promise<Curve> {
  const { axis, from, to } = request;
  // Limits, and a clock that was set back, need the position of every point.
  const isWhole = from === null && to === null && axis !== 'wallTime';
  const thinned = isWhole ? await readThinned(db, { runId: run.id, name }, request) : null;
  if (thinned) return { ...thinned, x: axisOf(thinned, run, axis) };
  const columns = await readColumns(db, run.id, name);
  return thin(columns, axisOf(columns, run, axis), request);
}

function axisOf(columns: MetricColumns, run: RunRecord, axis: ChartAxis): readonly number[] {
  const perEpoch = stepsPerEpoch(run);
  const convert = (step: number) => (axis === 'epoch' ? step / perEpoch : step * run.config.train.batchSize);
  let latest = -Infinity;
  return columns.steps.map((step, index) => {
    const place = { step, processSeconds: columns.processSeconds[index], wallTime: columns.wallTimes[index] };
    latest = positionOnAxis(axis, place, { convert, latest });
    return latest;
  });
}

/** Returns the steps per epoch; 1 for a run whose data have never been read. */
function stepsPerEpoch({ config, dataset }: RunRecord): number {
  return dataset ? countEpochSteps(config, dataset.count, dataset.splits?.validation !== undefined) : 1;
}

function thin(
  columns: MetricColumns,
  x: readonly number[],
  { smoothing, from, to, points }: SeriesRequest,
): Curve {
  const smoothed = smooth(columns.values, smoothing);
  const start = from === null ? 0 : x.findIndex((value) => value >= from);
  const last = to === null ? x.length : x.findLastIndex((value) => value <= to) + 1;
  const first = start < 0 ? x.length : start;
  const kept = decimate(columns.values.slice(first, last), points).map((index) => first + index);
  const pick = (values: ArrayLike<number>) => kept.map((index) => values[index]);
  return {
    x: pick(x),
    values: pick(columns.values),
    smoothed: pick(smoothed),
    steps: pick(columns.steps),
    processSeconds: pick(columns.processSeconds),
    wallTimes: pick(columns.wallTimes),
    logged: Math.max(0, last - first),
  };
}
