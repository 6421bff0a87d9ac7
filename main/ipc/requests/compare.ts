/** Requests about several runs at once: comparisons, evaluations with one protocol, and reports. */

import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import {
  type GroupedRuns,
  isReportFile,
  mostGroupedRuns,
  mostGroups,
  type ReportEntry,
  type ReportRequest,
} from '../../../shared/comparison/comparison.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import type { ParsedInput } from '../../../shared/contract.ts';
import type { compareRequests } from '../../../shared/contract/compare.ts';
import type { QueueState } from '../../../shared/queue.ts';
import { pageWords } from '../../../shared/runGroups.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { describeSource } from '../../../shared/dataset.ts';
import { type EvaluationRequest, lawOf, planEvaluation } from '../../jobs/evaluationJob.ts';
import { writeComparisonReport } from '../../reports/comparison/writeComparisonReport.ts';
import { archiveReport, findReportFolder, listReports } from '../../reports/reportList.ts';
import { printByChromium } from '../../runtime/chromium.ts';
import {
  deleteComparison,
  forgetReport,
  insertReport,
  listComparisons,
  prepareRunNames,
  renameComparison,
  saveComparison,
} from '../../store/comparisons.ts';
import { readComparedRun } from '../../store/runs/evaluations.ts';
import { reportFolder, createShortId } from '../../store/dataFolder.ts';
import { readPreviewSteps } from '../../store/runs/previews.ts';
import { listRunGroups } from '../../store/runs/runGroups.ts';
import { getRun, unknownRun } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import { asConflict, RequestFailure } from '../failure.ts';
import type { LaboratoryParts, Media } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createCompareHandlers(parts: LaboratoryParts): HandlersOf<typeof compareRequests> {
  return {
    'compare.get': ({ ids }) => ids.map((id) => readComparedRun(parts.store.db, id)),
    'compare.groups': (request) => readGroups(parts.store, request),
    'compare.previews': ({ ids }) => ids.map((id) => readPreviewSteps(parts.store.db, id)),
    'compare.evaluate': ({ ids, request }) => evaluateRuns(parts, ids, request),
    'compare.report': (request) => writeReport(parts, request),
    ...createListHandlers(parts),
  };
}

type ListRequest = Extract<keyof typeof compareRequests, `${'comparisons' | 'reports'}.${string}`>;

function createListHandlers({
  store,
  send,
  options,
}: LaboratoryParts): Pick<HandlersOf<typeof compareRequests>, ListRequest> {
  const announce = () => {
    const saved = listComparisons(store.db);
    send('comparisons.changed', saved);
    return saved;
  };
  return {
    'comparisons.list': () => listComparisons(store.db),
    'comparisons.save'({ name, ids, groupBy }) {
      asConflict(() => saveComparison(store.db, { name, runIds: ids, groupBy }));
      return announce();
    },
    'comparisons.rename'({ id, name }) {
      asConflict(() => renameComparison(store.db, id, name));
      return announce();
    },
    'comparisons.delete'({ id }) {
      deleteComparison(store.db, id);
      return announce();
    },
    'reports.list': () => listReports(store),
    async 'reports.show'({ id }) {
      const folder = findReportFolder(store, id);
      if (folder === null || !existsSync(folder))
        throw new RequestFailure('conflict', `The folder of this report no longer exists: ${folder ?? id}.`);
      if (!options.desktop)
        throw new RequestFailure('unavailable', `A browser cannot show folders. The report is in ${folder}.`);
      await options.desktop.openFolder(folder);
      return null;
    },
    'reports.forget'({ id }) {
      const folder = findReportFolder(store, id);
      if (folder !== null && existsSync(folder))
        throw new RequestFailure(
          'conflict',
          `The report still exists in ${folder}. Delete its folder first.`,
        );
      forgetReport(store.db, id);
      return listReports(store);
    },
  };
}

/** @throws RequestFailure when the groups have too many runs; UnknownRunError when none of the runs exists. */
function readGroups({ db }: Pick<Store, 'db'>, { ids, by }: ParsedInput<'compare.groups'>): GroupedRuns {
  const groups = listRunGroups(db, ids, { by, sort: [{ by: 'bestPsnr', descending: true }] }, pageWords);
  if (groups.length === 0) throw unknownRun(ids[0]);
  const compared = groups.slice(0, mostGroups);
  const kept = new Set(compared.flatMap((group) => group.ids));
  if (kept.size > mostGroupedRuns)
    throw new RequestFailure(
      'conflict',
      `There are ${kept.size} runs in ${formatPlural(compared.length, 'group')}; at most ${mostGroupedRuns} runs are compared. Select fewer runs, or group them by something with smaller groups.`,
    );
  return {
    runs: ids.filter((id) => kept.has(id)).map((id) => readComparedRun(db, id)),
    groups: groups.length,
  };
}

/**
 * Queues one evaluation per run, for all runs or none. Settings that the request leaves out are those of the first run.
 * @throws RequestFailure when datasets or image sizes differ, a run has no checkpoint, or one is queued already.
 */
function evaluateRuns(
  { store, lane, library, options }: LaboratoryParts,
  ids: readonly string[],
  { datasetId, ...given }: ParsedInput<'compare.evaluate'>['request'],
): QueueState {
  const runs = ids.map((id) => getRun(store.db, id));
  checkImageSizes(runs);
  if (datasetId === undefined) checkDatasets(runs);
  const [{ config }] = runs;
  const { law, ...maskOptions } = lawOf(given, config.mask);
  const request: EvaluationRequest = {
    ...given,
    keepRatio: given.keepRatio ?? config.mask.keepRatio,
    maskLaw: law,
    ...maskOptions,
    observationNoise: given.observationNoise ?? config.mask.observationNoise,
    symmetries: given.symmetries ?? config.sampler.symmetries,
    source: datasetId === undefined ? config.data.source : library.sourceOf(datasetId),
  };
  for (const { id, name } of runs) {
    asConflict(() => planEvaluation(store, id, { request, cacheFolder: options.cacheFolder }));
    if (lane.find({ kind: 'evaluation', runId: id }))
      throw new RequestFailure(
        'conflict',
        `An evaluation of “${name}” is already queued. Wait for it to finish, or remove it from the queue.`,
      );
  }
  for (const { id } of runs) asConflict(() => lane.add({ kind: 'evaluation', runId: id, request }));
  return lane.state();
}

function checkImageSizes(runs: readonly RunRecord[]): void {
  const [first, ...others] = runs;
  const size = first.config.data.imageSize;
  const other = others.find(({ config }) => config.data.imageSize !== size);
  if (!other) return;
  const found = other.config.data.imageSize;
  throw new RequestFailure(
    'conflict',
    `“${other.name}” uses images of ${found}×${found} pixels, “${first.name}” of ${size}×${size}; an evaluation needs one size. Leave one of them out.`,
  );
}

/** Datasets are the same if their sources or their checksums agree. */
function checkDatasets(runs: readonly RunRecord[]): void {
  const [first, ...others] = runs;
  const other = others.find(
    ({ config, dataset }) =>
      config.data.source !== first.config.data.source &&
      (dataset === null || dataset.checksum !== first.dataset?.checksum),
  );
  if (!other) return;
  const describe = (run: RunRecord) => `“${run.name}” uses ${describeSource(run.config.data.source)}`;
  throw new RequestFailure(
    'conflict',
    `${describe(other)}, ${describe(first)}; numbers on different images cannot be compared. Choose one dataset for all of them, or leave “${other.name}” out.`,
  );
}

const archivePattern = /^reports\/([a-z2-7]{8})\.zip$/;
const filePattern = /^reports\/([a-z2-7]{8})\/([^/]+)$/;

/** Policy of documents opened on their own: no scripts and no network, even if a document contained them. */
const documentPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.pdf': 'application/pdf',
  '.csv': 'text/csv; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.tex': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/** @throws UnknownRunError; Error when a run cannot be read or the disk refuses. */
async function writeReport(
  { store, options }: Pick<LaboratoryParts, 'store' | 'options'>,
  request: ReportRequest,
): Promise<ReportEntry> {
  const id = createShortId((candidate) => existsSync(reportFolder(store.dataFolder, candidate)));
  const createdAt = new Date().toISOString();
  const folder = reportFolder(store.dataFolder, id);
  const { model, files, notes } = await writeComparisonReport(store, {
    request,
    createdAt,
    version: options.version,
    folder,
    printPdf: options.desktop?.printPdf ?? printByChromium,
  });
  const { title } = model;
  insertReport(store.db, { id, title, createdAt, folder, runIds: request.ids });
  const runs = request.ids.map(prepareRunNames(store.db));
  return { id, title, createdAt, folder, isThere: true, runs, files, notes };
}

/** Finds a file of a report, or all of them as one archive, by its address; null if there is none. */
export function findReportFile(store: Pick<Store, 'db'>, path: string): Media | null {
  const archive = archivePattern.exec(path);
  if (archive) return zipReport(store, archive[1]);
  const match = filePattern.exec(path);
  if (!match || !isReportFile(match[2])) return null;
  const [, id, name] = match;
  const folder = findReportFolder(store, id);
  if (folder === null) return null;
  const file = join(folder, name);
  const ending = extname(name);
  const isDocument = ending === '.html' || ending === '.svg';
  return existsSync(file)
    ? { file, type: types[ending], ...(isDocument && { policy: documentPolicy }) }
    : null;
}

function zipReport(store: Pick<Store, 'db'>, id: string): Media | null {
  const folder = findReportFolder(store, id);
  const archive = folder !== null && existsSync(folder) ? archiveReport(folder) : null;
  return archive && { bytes: archive, type: 'application/zip' };
}
