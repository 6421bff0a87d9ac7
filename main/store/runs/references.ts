/** What classical methods score on the images that runs are evaluated on while they train; equal for runs of one score basis. */

import { type BasisConfig, scoreBasisOf } from '../../../shared/comparison/scoreBasis.ts';
import {
  type TrainingReferences,
  trainingReferencesSchema,
} from '../../../shared/comparison/trainingReferences.ts';
import type { LabDatabase } from '../database/database.ts';
import { readSummaries } from './runList.ts';

/** Returns the scores of a run's images; null if they are not known. */
export function readReferences(db: LabDatabase, runId: string): TrainingReferences | null {
  const text = db
    .prepare<[string], string | null>('SELECT training_references FROM runs WHERE id = ?')
    .pluck()
    .get(runId);
  return text === null || text === undefined ? null : trainingReferencesSchema.parse(JSON.parse(text));
}

/** Stores the scores of a run, and of all runs of the same basis that lack them. */
export function writeReferences(db: LabDatabase, runId: string, scores: TrainingReferences): void {
  const write = db.prepare<[string, string]>('UPDATE runs SET training_references = ? WHERE id = ?');
  const others = db
    .prepare<[string, string], string>(
      `SELECT id FROM runs WHERE training_references IS NULL AND id <> ?
       AND dataset ->> '$.checksum' = (SELECT dataset ->> '$.checksum' FROM runs WHERE id = ?)`,
    )
    .pluck();
  const text = JSON.stringify(scores);
  db.transaction(() => {
    const [own] = readSummaries(db, [runId]);
    const equal = readSummaries(db, others.all(runId, runId)).filter(
      ({ scores: basis }) => basis.key === own?.scores.key,
    );
    for (const id of [runId, ...equal.map((run) => run.id)]) write.run(text, id);
  })();
}

/** Removes the scores of a run whose images have changed. */
export function forgetReferences(db: LabDatabase, runId: string): void {
  db.prepare('UPDATE runs SET training_references = NULL WHERE id = ?').run(runId);
}

/** Returns the scores that runs of the same data and evaluation settings found, by the checksum of their images. */
export function listReferences(
  db: LabDatabase,
  config: BasisConfig,
): Readonly<Record<string, TrainingReferences>> {
  const known = db
    .prepare<[string], { id: string; checksum: string }>(
      `SELECT id, dataset ->> '$.checksum' AS checksum FROM runs
       WHERE training_references IS NOT NULL AND source = ? AND checksum IS NOT NULL ORDER BY rowid DESC`,
    )
    .all(config.data.source);
  const found: Record<string, TrainingReferences> = {};
  for (const { id, checksum } of known) {
    if (checksum in found) continue;
    const [run] = readSummaries(db, [id]);
    if (run?.scores.key !== scoreBasisOf(config, checksum).key) continue;
    const scores = readReferences(db, id);
    if (scores) found[checksum] = scores;
  }
  return found;
}
