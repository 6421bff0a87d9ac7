/** Rows of the table `data_sets`: sources the user added, and the results of verifying a source. */

import type { DatasetInfo } from '../../shared/dataset.ts';
import type { LabDatabase } from './database/database.ts';

export interface DatasetFindings {
  readonly trainImages: number | null;
  readonly testImages: number | null;
  /** SHA-256 (hex) of the training split's 8-bit pixels at 32×32. */
  readonly checksum: string | null;
  readonly notes: readonly string[];
  /** Why it could not be read; null when it could. */
  readonly problem: string | null;
}

export interface StoredDataset extends DatasetFindings {
  readonly source: string;
  /** Whether the user added it to the list. */
  readonly isAdded: boolean;
}

interface DatasetRow {
  readonly source: string;
  readonly is_added: number;
  readonly train_images: number | null;
  readonly test_images: number | null;
  readonly checksum: string | null;
  readonly notes: string;
  readonly problem: string | null;
}

/** How many runs outside the trash use a source, and the dataset one of them read. */
export interface SourceUse {
  readonly source: string;
  readonly runs: number;
  readonly dataset: DatasetInfo | null;
}

/** In the order they were added. */
export function listDatasets(db: LabDatabase): StoredDataset[] {
  return db
    .prepare<[], DatasetRow>('SELECT * FROM data_sets ORDER BY created_at, source')
    .all()
    .map((row) => ({
      source: row.source,
      isAdded: row.is_added === 1,
      trainImages: row.train_images,
      testImages: row.test_images,
      checksum: row.checksum,
      notes: JSON.parse(row.notes) as string[],
      problem: row.problem,
    }));
}

/** Adds a source to the list; does nothing if it is already there. */
export function addDataset(db: LabDatabase, source: string): void {
  db.prepare(
    `INSERT INTO data_sets (source, is_added, created_at) VALUES (?, 1, ?)
     ON CONFLICT (source) DO UPDATE SET is_added = 1`,
  ).run(source, new Date().toISOString());
}

export function recordFindings(db: LabDatabase, source: string, found: DatasetFindings): void {
  const { trainImages, testImages, checksum, problem } = found;
  db.prepare(
    `INSERT INTO data_sets (source, is_added, train_images, test_images, checksum, notes, problem, created_at)
     VALUES (@source, 0, @trainImages, @testImages, @checksum, @notes, @problem, @time)
     ON CONFLICT (source) DO UPDATE SET train_images = @trainImages, test_images = @testImages, checksum = @checksum,
       notes = @notes, problem = @problem`,
  ).run({
    source,
    trainImages,
    testImages,
    checksum,
    problem,
    notes: JSON.stringify(found.notes),
    time: new Date().toISOString(),
  });
}

/** Removes a source from the list together with its findings. */
export function removeDataset(db: LabDatabase, source: string): void {
  db.prepare('DELETE FROM data_sets WHERE source = ?').run(source);
}

/** Lists every source used by a run outside the trash. */
export function listSourceUses(db: LabDatabase): SourceUse[] {
  const uses = db.prepare<[], { source: string; runs: number }>(
    `SELECT source, count(*) AS runs FROM runs WHERE deleted_at IS NULL GROUP BY source ORDER BY min(rowid)`,
  );
  const dataset = db
    .prepare<[string], string>('SELECT dataset FROM runs WHERE source = ? AND dataset IS NOT NULL LIMIT 1')
    .pluck();
  return uses.all().map((use) => {
    const found = dataset.get(use.source);
    return { ...use, dataset: found === undefined ? null : (JSON.parse(found) as DatasetInfo) };
  });
}
