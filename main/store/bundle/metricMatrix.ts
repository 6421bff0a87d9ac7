/** All points of one metric of one run as a matrix: their format in a bundle. */

import type { MetricName } from '../../../shared/metric.ts';
import type { LabDatabase } from '../database/database.ts';

/** Rows of the matrix: step, value (NaN for no number), process seconds, milliseconds since 1970. */
export const matrixRows = 4;

type Row = readonly [step: number, value: number | null, processSeconds: number, wallTime: number];

/** Reads all points as a [4, n] row-major matrix in the order of steps; empty when nothing was logged. */
export function readMetricMatrix(
  db: LabDatabase,
  runId: string,
  name: MetricName,
): Float64Array<ArrayBuffer> {
  const points = db
    .prepare<[string, string], number>('SELECT count(*) FROM metrics WHERE run_id = ? AND name = ?')
    .pluck()
    .get(runId, name);
  const count = points ?? 0;
  const matrix = new Float64Array(matrixRows * count);
  const query = `SELECT step, value, process_seconds, wall_milliseconds FROM metrics
    WHERE run_id = ? AND name = ? ORDER BY step LIMIT ?`;
  let column = 0;
  for (const row of db.prepare<[string, string, number], Row>(query).raw().iterate(runId, name, count)) {
    row.forEach((number, index) => (matrix[index * count + column] = number ?? NaN));
    column++;
  }
  return matrix;
}

/** Writes a matrix of `readMetricMatrix` to a run without this metric. @throws SqliteError when a point exists already. */
export function insertMetricMatrix(
  db: LabDatabase,
  point: { readonly runId: string; readonly name: MetricName },
  matrix: Float64Array,
): void {
  const insert = db.prepare('INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)');
  const count = matrix.length / matrixRows;
  const at = (row: number, column: number) => matrix[row * count + column];
  for (let column = 0; column < count; column++) {
    const value = at(1, column);
    const number = Number.isNaN(value) ? null : value;
    insert.run(point.runId, point.name, at(0, column), number, at(2, column), at(3, column));
  }
}

/** Returns what is wrong with an untrusted matrix, or null. */
export function findMatrixFault(matrix: Float64Array): { found: string; expected: string } | null {
  const count = matrix.length / matrixRows;
  for (let column = 0; column < count; column++) {
    const [step, , seconds, time] = Array.from(
      { length: matrixRows },
      (_, row) => matrix[row * count + column],
    );
    const before = column === 0 ? -1 : matrix[column - 1];
    if (!Number.isSafeInteger(step) || step <= before)
      return { found: `step ${step} after step ${before}`, expected: 'whole steps ≥ 0 that rise' };
    if (!Number.isFinite(seconds) || seconds < 0)
      return { found: `${seconds} seconds of training`, expected: 'a number ≥ 0' };
    if (!Number.isFinite(time) || Math.abs(time) > latestTime)
      return { found: `time ${time}`, expected: 'milliseconds since 1970' };
  }
  return null;
}

/** Largest time value of a JavaScript date, in milliseconds. */
const latestTime = 8.64e15;
