/** How fast runs went on this machine: what the time of a new one is estimated from. */

import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import type { BackendInfo } from '../../shared/run.ts';
import type { LabDatabase } from './database.ts';

export interface MeasuredSpeed {
  readonly name: string;
  readonly config: RunConfig;
  readonly backend: BackendInfo;
  /** Seconds of training a step, evaluations and previews included. */
  readonly secondsPerStep: number;
}

/** Fewer steps than these tell little: the first one compiles the graph. */
const fewestSteps = 50;

/** The newest runs that went far enough, newest first. */
export function listSpeeds(db: LabDatabase, limit = 30): MeasuredSpeed[] {
  const rows = db
    .prepare<[number, number], { name: string; config: string; backend: string; seconds: number }>(
      `SELECT name, config, backend, process_seconds / step AS seconds FROM runs
       WHERE step >= ? AND process_seconds > 0 AND backend IS NOT NULL AND json_valid(config)
       ORDER BY rowid DESC LIMIT ?`,
    )
    .all(fewestSteps, limit);
  return rows.flatMap(({ name, config, backend, seconds }) => {
    const parsed = runConfigSchema.safeParse(JSON.parse(config));
    if (!parsed.success) return [];
    return [
      { name, config: parsed.data, backend: JSON.parse(backend) as BackendInfo, secondsPerStep: seconds },
    ];
  });
}
