/** Logged points as CSV: every one of them, not what a screen can show. */

import type { MetricName } from '../../../shared/metric.ts';
import { csvCell } from '../../../shared/pure/csvCell.ts';

export interface RunCsv {
  readonly runId: string;
  readonly runName: string;
  /** A head line and one line a point, the metric's name in the column `name`. */
  readonly csv: string;
}

/** One metric of several runs below one head, the run before each point. */
export function selectMetric(runs: readonly RunCsv[], name: MetricName): string {
  const head = splitLines(runs[0]?.csv ?? '')[0] ?? '';
  const column = head.split(',').indexOf('name');
  const lines = runs.flatMap(({ runId, runName, csv }) =>
    splitLines(csv)
      .slice(1)
      .filter((line) => line.split(',')[column] === name)
      .map((line) => `${runId},${csvCell(runName)},${line}`),
  );
  return [`run,run name,${head}`, ...lines].map((line) => `${line}\r\n`).join('');
}

function splitLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}
