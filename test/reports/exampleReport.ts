/** Runs with evaluations and curves in a store, and reports about them. */

import { join } from 'node:path';
import type { RunConfigInput } from '../../shared/config/config.ts';
import { reportRequestSchema, type ReportRequest } from '../../shared/comparison/comparison.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { writeComparisonReport, type PrintPdf } from '../../main/reports/comparison/writeComparisonReport.ts';
import { insertEvaluation } from '../../main/store/runs/evaluations.ts';
import { nodeFileSystem, type FileSystem } from '../../main/store/files/fileSystem.ts';
import { insertMetrics } from '../../main/store/runs/metrics.ts';
import type { Store } from '../../main/store/store.ts';
import { curvePoints } from '../e2e/support/curves.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { examplePerImage, exampleProtocol } from '../shared/comparison/exampleComparedRun.ts';
import { exampleRow, fullRows } from './exampleEvaluation.ts';

/** Part of the path of the data, like the name of a user, that must not be in a report. */
export const secret = 'marker-of-the-user';
const source = `cifar10:/home/${secret}/data/cifar-sample`;

/** Inserts a run whose posterior mean is `gain` dB above the thin plate, and returns its ID. */
export function insertEvaluatedRun(
  store: Store,
  { name, gain, config = {} }: { name: string; gain: number; config?: RunConfigInput },
): string {
  const run = insertExampleRun(store, name, { preset: 'tiny', data: { source }, ...config });
  const perImage = examplePerImage([20, 21, 22, 23].map((value) => value + gain));
  const field = { nfe: 1, samples: 1, solver: 'ddim', solverSteps: 1, perImage };
  const rows: EvaluationRow[] = [
    exampleRow({ method: 'thin plate', psnr: 21.5, perImage: examplePerImage([20, 21, 22, 23]) }),
    exampleRow({
      ...field,
      method: 'flow · posterior mean',
      psnr: 21.5 + gain,
      psnrInterval: [21 + gain, 22 + gain],
    }),
    ...fullRows(4).slice(2),
  ];
  insertEvaluation(store.db, { protocol: { ...exampleProtocol, source }, rows, runId: run.id, step: 100 });
  insertMetrics(store.db, run.id, curvePoints(500, { evaluateEvery: 100 }));
  return run.id;
}

export const noPrinter: PrintPdf = () => Promise.reject(new Error('no Chromium was found.'));

export function writeExampleReport(
  store: Store,
  request: Partial<ReportRequest> & Pick<ReportRequest, 'ids'>,
  { folder = join(store.dataFolder, 'out'), printPdf = noPrinter, fileSystem = nodeFileSystem } = {} as {
    folder?: string;
    printPdf?: PrintPdf;
    fileSystem?: FileSystem;
  },
) {
  const origin = { version: '1.2.3', createdAt: '2026-11-24T01:00:00.000Z' };
  return writeComparisonReport(
    store,
    { ...origin, folder, printPdf, request: reportRequestSchema.parse(request) },
    fileSystem,
  );
}
