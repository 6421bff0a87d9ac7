/** Every logged point of a run as CSV by RFC 4180. */

import { readMetrics } from '../store/metrics.ts';
import type { LabDatabase } from '../store/database.ts';
import { getRun } from '../store/runs.ts';

/** @throws UnknownRunError. */
export function formatMetrics(db: LabDatabase, runId: string): string {
  const { batchSize } = getRun(db, runId).config.train;
  const lines = readMetrics(db, runId).map(({ step, name, value, processSeconds, wallTime }) =>
    [step, name, value, processSeconds, new Date(wallTime).toISOString(), step * batchSize].join(','),
  );
  return [['step', 'name', 'value', 'process seconds', 'time', 'images seen'].join(','), ...lines, ''].join(
    '\r\n',
  );
}
