/** The course of a run's loss in a few points, for a line as small as a word. */

import type { LossCourse } from '../../shared/runList.ts';
import type { LabDatabase } from './database.ts';

/** Most points of a course. */
export const coursePoints = 32;
/** Logged values averaged into one point: enough to calm the line, few enough to stay cheap. */
const valuesOfPoint = 8;

/** Seeks instead of scans: a run of a million steps costs as much as one of a thousand. */
export function readLossCourses(db: LabDatabase, ids: readonly string[]): LossCourse[] {
  const range = db
    .prepare<[string, string], [number | null, number | null]>(
      `SELECT (SELECT min(step) FROM metrics WHERE run_id = ? AND name = 'loss'),
              (SELECT max(step) FROM metrics WHERE run_id = ? AND name = 'loss')`,
    )
    .raw();
  const mean = db
    .prepare<[string, number, number], number | null>(
      `SELECT avg(value) FROM (SELECT value FROM metrics WHERE run_id = ? AND name = 'loss' AND step >= ? AND step < ?
           AND abs(value) < 9e999
         ORDER BY step LIMIT ${valuesOfPoint})`,
    )
    .pluck();
  return ids.map((id) => {
    const [first, last] = range.get(id, id) ?? [null, null];
    if (first === null || last === null) return { id, values: [] };
    const length = Math.max(1, (last - first + 1) / coursePoints);
    const points = Math.min(coursePoints, last - first + 1);
    const values = Array.from({ length: points }, (_, index) => {
      const from = Math.floor(first + index * length);
      return mean.get(id, from, Math.floor(first + (index + 1) * length));
    });
    return { id, values: values.filter((value) => typeof value === 'number') };
  });
}
