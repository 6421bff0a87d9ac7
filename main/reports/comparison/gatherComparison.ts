/** Reads the data of a report of several runs from the store, without any path of this machine. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ComparedRun, evaluationSheetPath } from '../../../shared/comparison/comparison.ts';
import { sourceWithoutFolders } from '../../../shared/dataset.ts';
import type { MetricName } from '../../../shared/metric.ts';
import { decimate } from '../../../shared/numbers/curves.ts';
import type { SegmentRecord } from '../../../shared/run.ts';
import { readComparedRun } from '../../store/runs/evaluations.ts';
import { listSegments } from '../../store/runs/segments.ts';
import { type MetricColumns, readColumns } from '../../store/runs/series.ts';
import type { Store } from '../../store/store.ts';

/** Metrics whose curves are in a report. */
type ReportMetric = Extract<MetricName, 'loss' | 'evaluation/psnr'>;

export interface ReportRun extends ComparedRun {
  readonly segments: readonly Pick<SegmentRecord, 'fromStep' | 'toStep' | 'startedAt' | 'endedAt'>[];
  readonly curves: Readonly<Record<ReportMetric, MetricColumns>>;
}

export interface GatheredComparison {
  readonly runs: readonly ReportRun[];
  /** Reads a sheet of an evaluation's images as PNG; null if it is missing. */
  readSheet(place: { runId: string; evaluationId: number; sheet: number }): Uint8Array | null;
}

/** Points per curve: more than a printed page can resolve. */
const curvePoints = 400;

/** Reads the runs in the order of `ids`. @throws UnknownRunError; Error when part of a run is not readable. */
export async function gatherComparison(store: Store, ids: readonly string[]): Promise<GatheredComparison> {
  const runs: ReportRun[] = [];
  for (const id of ids) runs.push(await gatherRun(store, id));
  return {
    runs,
    readSheet({ runId, evaluationId, sheet }) {
      const file = join(store.dataFolder, evaluationSheetPath(runId, evaluationId, sheet));
      try {
        return readFileSync(file);
      } catch {
        return null;
      }
    },
  };
}

async function gatherRun(store: Store, id: string): Promise<ReportRun> {
  const { db } = store;
  const curve = async (name: MetricName) => thin(await readColumns(db, id, name));
  return {
    ...withoutFolders(readComparedRun(db, id)),
    segments: listSegments(db, id).map(({ fromStep, toStep, startedAt, endedAt }) => {
      return { fromStep, toStep, startedAt, endedAt };
    }),
    curves: { loss: await curve('loss'), 'evaluation/psnr': await curve('evaluation/psnr') },
  };
}

/** Removes errors and folders, which may identify the user: a report is shared with others. */
function withoutFolders({ summary, config, evaluations, ...others }: ComparedRun): ComparedRun {
  return {
    ...others,
    summary: { ...summary, error: null },
    config: { ...config, data: { ...config.data, source: sourceWithoutFolders(config.data.source) } },
    evaluations: evaluations.map((evaluation) => ({
      ...evaluation,
      protocol: { ...evaluation.protocol, source: sourceWithoutFolders(evaluation.protocol.source) },
    })),
  };
}

function thin(columns: MetricColumns): MetricColumns {
  const kept = decimate(columns.values, curvePoints);
  const pick = (values: readonly number[]) => kept.map((index) => values[index]);
  return {
    steps: pick(columns.steps),
    values: pick(columns.values),
    processSeconds: pick(columns.processSeconds),
    wallTimes: pick(columns.wallTimes),
  };
}
