/** Requests about several runs at once. */

import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { ReportEntry, ReportRequest } from '../../../shared/comparison/comparison.ts';
import type { ParsedInput } from '../../../shared/contract.ts';
import type { compareRequests } from '../../../shared/contract/compare.ts';
import type { QueueState } from '../../../shared/queue.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { describeSource } from '../../../shared/dataset.ts';
import { type EvaluationRequest, planEvaluation } from '../../jobs/evaluationJob.ts';
import { writeComparisonReport } from '../../reports/comparison/writeComparisonReport.ts';
import { printByChromium } from '../../runtime/chromium.ts';
import { readComparedRun } from '../../store/runs/evaluations.ts';
import { reportFolder, createShortId } from '../../store/dataFolder.ts';
import { readPreviewSteps } from '../../store/runs/previews.ts';
import { getRun } from '../../store/runs/runs.ts';
import { orConflict, RequestFailure } from '../failure.ts';
import type { LaboratoryParts, Media } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createCompareHandlers(parts: LaboratoryParts): HandlersOf<typeof compareRequests> {
  return {
    'compare.get': ({ ids }) => ids.map((id) => readComparedRun(parts.store.db, id)),
    'compare.previews': ({ ids }) => ids.map((id) => readPreviewSteps(parts.store.db, id)),
    'compare.evaluate': ({ ids, request }) => evaluateRuns(parts, ids, request),
    'compare.report': (request) => makeReport(parts, request),
  };
}

/**
 * One job a run, all of them or none. What the request leaves out is as in the first run.
 * @throws RequestFailure when the runs have other data or image sizes, one has no checkpoint, or waits already.
 */
function evaluateRuns(
  { store, lane, library, options }: LaboratoryParts,
  ids: readonly string[],
  { dataSetId, ...asked }: ParsedInput<'compare.evaluate'>['request'],
): QueueState {
  const runs = ids.map((id) => getRun(store.db, id));
  checkImageSizes(runs);
  if (dataSetId === undefined) checkDataSets(runs);
  const [{ config }] = runs;
  const request: EvaluationRequest = {
    ...asked,
    keepRatio: asked.keepRatio ?? config.mask.keepRatio,
    symmetries: asked.symmetries ?? config.sampler.symmetries,
    source: dataSetId === undefined ? config.data.source : library.sourceOf(dataSetId),
  };
  for (const { id, name } of runs) {
    orConflict(() => planEvaluation(store, id, { request, cacheFolder: options.cacheFolder }));
    if (lane.find({ kind: 'evaluation', runId: id }))
      throw new RequestFailure(
        'conflict',
        `An evaluation of “${name}” is in the queue already. Wait for its end, or take it out.`,
      );
  }
  for (const { id } of runs) orConflict(() => lane.add({ kind: 'evaluation', runId: id, request }));
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
    `“${other.name}” works on images of ${found}×${found} pixels, “${first.name}” on ${size}×${size}: no evaluation has both. Leave one of them out.`,
  );
}

/** The same place, or the same pictures wherever they lie. */
function checkDataSets(runs: readonly RunRecord[]): void {
  const [first, ...others] = runs;
  const other = others.find(
    ({ config, dataset }) =>
      config.data.source !== first.config.data.source &&
      (dataset === null || dataset.checksum !== first.dataset?.checksum),
  );
  if (!other) return;
  const words = (run: RunRecord) => `“${run.name}” has ${describeSource(run.config.data.source)}`;
  throw new RequestFailure(
    'conflict',
    `${words(other)}, ${words(first)}: on other pictures their numbers do not compare. Choose one data set for all of them, or leave “${other.name}” out.`,
  );
}

const filePattern =
  /^reports\/([a-z2-7]{8})\/([a-z]{1,20}(?:-[a-z]{1,20})?\.(?:html|pdf|csv|md|tex|json|png|svg))$/;

/** For documents that are opened by themselves: neither script nor network, even if one were in them. */
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
async function makeReport(
  { store, options }: Pick<LaboratoryParts, 'store' | 'options'>,
  request: ReportRequest,
): Promise<ReportEntry> {
  const id = createShortId((candidate) => existsSync(reportFolder(store.dataFolder, candidate)));
  const createdAt = new Date().toISOString();
  const { model, files, notes } = await writeComparisonReport(store, {
    ...{ request, createdAt, version: options.version },
    folder: reportFolder(store.dataFolder, id),
    printPdf: options.desktop?.printPdf ?? printByChromium,
  });
  return { id, title: model.title, createdAt, files, notes };
}

/** What stands at an address below `reports/`; null: nothing does. */
export function findReportFile(dataFolder: string, path: string): Media | null {
  const match = filePattern.exec(path);
  if (!match) return null;
  const [, id, name] = match;
  const file = join(reportFolder(dataFolder, id), name);
  const ending = extname(name);
  const isDocument = ending === '.html' || ending === '.svg';
  return existsSync(file)
    ? { file, type: types[ending], ...(isDocument && { policy: documentPolicy }) }
    : null;
}
