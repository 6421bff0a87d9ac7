/** Logged points as CSV (RFC 4180), generated in chunks, because a long run has more points than fit into memory. */

import { setImmediate } from 'node:timers/promises';
import { type MetricName, loggedMetrics } from '../../shared/metric.ts';
import { csvCell } from '../../shared/text/escapeText.ts';
import { csvNumber } from '../../shared/numbers/nonFinite.ts';
import type { LabDatabase } from '../store/database/database.ts';
import { iterateMetrics } from '../store/runs/metrics.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Media } from './parts.ts';

/** Lines per chunk; other work runs between two chunks. */
const linesAtOnce = 2000;
const lineEnd = '\r\n';
const runPattern = /^runs\/([a-z2-7]{8})\/metrics\.csv$/;
const metricPattern = /^metrics\/([a-zA-Z]+(?:\/[a-zA-Z]+)?)\/([a-z2-7]{8}(?:\.[a-z2-7]{8}){0,99})\.csv$/;

/** Finds all metrics of a run or one metric of several runs; null for other addresses. See `runMetricsMedia`, `metricMedia`. */
export function findMetricsCsv(db: LabDatabase, path: string): Media | null {
  const ofRun = runPattern.exec(path);
  if (ofRun && exists(db, ofRun[1])) return { chunks: writeRun(db, ofRun[1]), type: 'text/csv' };
  const ofMetric = metricPattern.exec(path);
  if (!ofMetric || !(ofMetric[1] in loggedMetrics)) return null;
  const ids = ofMetric[2].split('.');
  if (!ids.every((id) => exists(db, id))) return null;
  return { chunks: writeMetric(db, ids, ofMetric[1] as MetricName), type: 'text/csv' };
}

function exists(db: LabDatabase, runId: string): boolean {
  return db.prepare('SELECT 1 FROM runs WHERE id = ?').get(runId) !== undefined;
}

const head = ['step', 'name', 'value', 'process seconds', 'time', 'images seen'].join(',');

async function* writeRun(db: LabDatabase, runId: string): AsyncGenerator<string> {
  yield head + lineEnd;
  yield* writePoints(db, { runId, before: '' });
}

/** Puts the run in front of each point. */
async function* writeMetric(
  db: LabDatabase,
  runIds: readonly string[],
  name: MetricName,
): AsyncGenerator<string> {
  yield `run,run name,${head}${lineEnd}`;
  for (const runId of runIds) {
    const before = `${runId},${csvCell(getRun(db, runId).name)},`;
    yield* writePoints(db, { runId, names: [name], before });
  }
}

async function* writePoints(
  db: LabDatabase,
  { runId, names, before }: { runId: string; names?: readonly MetricName[]; before: string },
): AsyncGenerator<string> {
  const { batchSize } = getRun(db, runId).config.train;
  let lines: string[] = [];
  for (const { step, name, value, processSeconds, wallTime } of iterateMetrics(db, runId, { names })) {
    const time = new Date(wallTime).toISOString();
    lines.push(
      before + [step, name, csvNumber(value), processSeconds, time, step * batchSize].join(',') + lineEnd,
    );
    if (lines.length < linesAtOnce) continue;
    yield lines.join('');
    lines = [];
    await setImmediate();
  }
  yield lines.join('');
}
