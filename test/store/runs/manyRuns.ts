/** Rows of runs without folders, for tests of the run list, which only reads rows. */

import type { LabDatabase } from '../../../main/store/database/database.ts';
import { insertRunRow, updateRun } from '../../../main/store/runs/runs.ts';
import { runConfigSchema, type RunConfigInput } from '../../../shared/config/config.ts';
import type { RunRecord } from '../../../shared/run.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Returns the run ID for a number. */
export function runIdOf(number: number): string {
  return Array.from({ length: 8 }, (_, digit) => alphabet[Math.floor(number / 32 ** digit) % 32]).join('');
}

export interface RowOptions extends Partial<
  Pick<RunRecord, 'name' | 'status' | 'loss' | 'bestPsnr' | 'step'>
> {
  readonly config?: RunConfigInput;
  readonly tags?: readonly string[];
}

/** Inserts rows whose creation times are one second apart, and returns their IDs. */
export function insertRows(db: LabDatabase, rows: readonly RowOptions[]): string[] {
  const tag = db.prepare('INSERT INTO tags VALUES (?, ?)');
  const insertAll = db.transaction(() =>
    rows.map(({ name, status = 'queued', config = {}, tags = [], ...numbers }, index) => {
      const id = runIdOf(index);
      const full = runConfigSchema.parse(config);
      const createdAt = new Date(Date.UTC(2026, 0, 1) + 1000 * index).toISOString();
      insertRunRow(db, {
        id,
        name: name ?? `run ${index}`,
        status,
        preset: full.preset,
        config: full,
        createdAt,
      });
      updateRun(db, id, numbers);
      for (const text of tags) tag.run(id, text);
      return id;
    }),
  );
  return insertAll();
}
