/** Groups of runs for the run list and the terminal; what groups are is in `shared/runGroups.ts`. */

import { createHash } from 'node:crypto';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { type ScoreBasis, scoreBasisOf } from '../../../shared/comparison/scoreBasis.ts';
import type { RunStatus } from '../../../shared/run.ts';
import {
  groupByData,
  type Grouping,
  groupOfValue,
  groupRuns,
  type GroupWords,
  type GroupValue,
  type RunGroup,
  settingKey,
  titleSettings,
} from '../../../shared/runGroups.ts';
import type { RunQuery } from '../../../shared/runList.ts';
import type { LabDatabase } from '../database/database.ts';
import { basis, gain, readBasis } from './runList.ts';

interface GroupedRow {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly process_seconds: number;
  readonly best_psnr: number | null;
  readonly best_ssim: number | null;
  readonly gain: number | null;
  readonly source: string;
  readonly basis: string | null;
  readonly checksum: string | null;
  /** What the grouping needs: see `valueColumns`. */
  readonly value: string | null;
}

/** The value of each grouping in SQL; of a parameter its JSON, NULL if the configuration does not have it. */
const valueColumns: Readonly<Record<string, string>> = {
  sweep: 'sweep_id',
  tag: '(SELECT json_group_array(name ORDER BY name) FROM tags WHERE run_id = runs.id)',
  data: 'source',
  // Shorter than the configuration, and the same for all seeds: each text is parsed once.
  setting: `CASE WHEN json_valid(config) THEN json_remove(config, '$.seed', '$.preset', '$.optim.extensions', '$.path.measured') END`,
};

/**
 * Groups the runs with these ids, which are in the order of a list; unknown ones are left out. `sort`: that of the list.
 * Reads only columns and single values of configurations, so that ten thousand runs take a fraction of a second.
 */
export function listRunGroups(
  db: LabDatabase,
  ids: readonly string[],
  { by, sort }: { readonly by: Grouping; readonly sort: RunQuery['sort'] },
  words: GroupWords,
): RunGroup[] {
  const path = Object.hasOwn(valueColumns, by) ? [] : [`$.${by}`];
  const value = valueColumns[by] ?? 'CASE WHEN json_valid(config) THEN config -> ? END';
  const rows = db
    .prepare<unknown[], GroupedRow>(
      `SELECT id, name, status, process_seconds, best_psnr, best_ssim, ${gain} AS gain, source, ${basis} AS basis,
         dataset ->> '$.checksum' AS checksum, ${value} AS value
       FROM (SELECT key AS place, value AS listed FROM json_each(?)) JOIN runs ON runs.id = listed ORDER BY place`,
    )
    .all(...path, JSON.stringify(ids));
  const groupsOf = createGrouping(db, rows, { by, words });
  const basisOf = createBasisReader();
  const runs = rows.map((row) => ({
    id: row.id,
    status: row.status,
    processSeconds: row.process_seconds,
    bestPsnr: row.best_psnr,
    bestSsim: row.best_ssim,
    gain: row.gain,
    scores: basisOf(row),
    groups: groupsOf(row),
  }));
  return groupRuns(runs, { by, sort });
}

type GroupsOf = (row: GroupedRow) => readonly GroupValue[];

function createGrouping(
  db: LabDatabase,
  rows: readonly GroupedRow[],
  { by, words }: { readonly by: Grouping; readonly words: GroupWords },
): GroupsOf {
  switch (by) {
    case 'sweep':
      return groupBySweep(db);
    case 'setting':
      return groupBySetting(rows, words);
    case 'tag':
      return ({ value }) => {
        const tags = JSON.parse(value ?? '[]') as string[];
        return tags.length === 0
          ? [{ key: '', title: 'no tag' }]
          : tags.map((tag) => ({ key: JSON.stringify(tag), title: tag }));
      };
    case 'data': {
      const groupOf = groupByData(rows);
      return (row) => [groupOf(row)];
    }
    default:
      return ({ value }) => [groupOfValue(by, value === null ? undefined : JSON.parse(value), words)];
  }
}

function groupBySweep(db: LabDatabase): GroupsOf {
  const names = new Map(
    db
      .prepare<[], { id: string; name: string }>('SELECT id, name FROM sweeps')
      .all()
      .map(({ id, name }) => [id, name]),
  );
  return ({ value: id }) => {
    if (id === null) return [{ key: '', title: 'no sweep' }];
    return [{ key: id, title: names.get(id) ?? `sweep ${id}, which is not here` }];
  };
}

function groupBySetting(rows: readonly GroupedRow[], words: GroupWords): GroupsOf {
  const settings = new Map<string, { config: RunConfig; name: string }>();
  const keys = new Map<string, string>();
  for (const { value, name } of rows) {
    if (value === null || keys.has(value)) continue;
    // Configurations of earlier versions lack parameters that came later, and then have their defaults.
    const { success, data: config } = runConfigSchema.safeParse(JSON.parse(value));
    const key = success ? createHash('sha256').update(settingKey(config)).digest('hex').slice(0, 16) : '';
    keys.set(value, key);
    if (success && !settings.has(key)) settings.set(key, { config, name });
  }
  const titles = titleSettings([...settings.values()], words);
  const groups = new Map([...settings.keys()].map((key, index) => [key, { key, title: titles[index] }]));
  const unreadable = { key: '', title: 'unreadable configuration' };
  return ({ value }) => [groups.get(keys.get(value ?? '') ?? '') ?? unreadable];
}

/** Many runs are scored on the same: each text is parsed once. */
function createBasisReader(): (row: GroupedRow) => ScoreBasis {
  const known = new Map<string, ScoreBasis>();
  return (row) => {
    const key = `${row.checksum} ${row.source} ${row.basis}`;
    const found = known.get(key) ?? scoreBasisOf(readBasis(row), row.checksum);
    known.set(key, found);
    return found;
  };
}
