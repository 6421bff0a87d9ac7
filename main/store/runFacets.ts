/** How many runs carry each status, preset and tag: the run browser's filter chips. */

import type { Facet, RunFacets, RunQuery } from '../../shared/runList.ts';
import type { LabDatabase } from './database.ts';
import { viewConditions } from './runList.ts';

/** Most frequent first, then by name. */
export function countFacets(db: LabDatabase, view: RunQuery['view']): RunFacets {
  const among = viewConditions[view];
  const countBy = (column: string): Facet[] =>
    db
      .prepare<[], Facet>(
        `SELECT ${column} AS value, count(*) AS count FROM runs WHERE ${among} GROUP BY 1 ORDER BY 2 DESC, 1`,
      )
      .all();
  const tags = db
    .prepare<[], Facet>(
      `SELECT tags.name AS value, count(*) AS count FROM tags JOIN runs ON runs.id = run_id
       WHERE ${among} GROUP BY 1 ORDER BY 2 DESC, 1`,
    )
    .all();
  return { views: countViews(db), statuses: countBy('status'), presets: countBy('preset'), tags };
}

function countViews(db: LabDatabase): RunFacets['views'] {
  const countOf = (view: RunQuery['view']): number =>
    db.prepare<[], number>(`SELECT count(*) FROM runs WHERE ${viewConditions[view]}`).pluck().get() ?? 0;
  return { active: countOf('active'), archived: countOf('archived'), trash: countOf('trash') };
}
