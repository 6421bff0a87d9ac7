/**
 * Schema 2: what the run browser shows and the queue remembers. `path`, `field` and `source` repeat the run's config, so
 * that ten thousand rows are listed without parsing it.
 */

export const browser = {
  version: 2,
  sql: `
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- NULL: not archived.
ALTER TABLE runs ADD COLUMN archived_at TEXT;
ALTER TABLE runs ADD COLUMN best_ssim REAL;
-- No reference: the run it came from may be purged.
ALTER TABLE runs ADD COLUMN branched_run TEXT;
ALTER TABLE runs ADD COLUMN branched_step INTEGER;
ALTER TABLE runs ADD COLUMN path TEXT NOT NULL DEFAULT 'linear';
ALTER TABLE runs ADD COLUMN field TEXT NOT NULL DEFAULT 'perceiver';
ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT 'synthetic';

UPDATE runs SET
  path = coalesce(json_extract(config, '$.path.kind'), path),
  field = coalesce(json_extract(config, '$.field.kind'), field),
  source = coalesce(json_extract(config, '$.data.source'), source)
WHERE json_valid(config);
UPDATE runs SET best_ssim =
  (SELECT max(value) FROM metrics WHERE run_id = runs.id AND name = 'evaluation/ssim');

-- Everything the list filters and sorts by: the rows themselves carry whole configs and are slow to walk through.
CREATE INDEX runs_browser ON runs (deleted_at, archived_at, created_at, status, preset, name, source, step, loss,
  best_psnr, best_ssim, process_seconds, updated_at, id);
CREATE INDEX runs_updated ON runs (updated_at);

CREATE TABLE tags (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

-- Jobs that wait for the compute lane, in the order of place; request is JSON.
CREATE TABLE queue (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('training', 'evaluation')),
  place INTEGER NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (run_id, kind)
) STRICT, WITHOUT ROWID;

-- Data sources the user added, and what reading a source whole has found.
CREATE TABLE data_sets (
  source TEXT NOT NULL PRIMARY KEY,
  is_added INTEGER NOT NULL CHECK (is_added IN (0, 1)),
  train_images INTEGER,
  test_images INTEGER,
  checksum TEXT,
  notes TEXT NOT NULL DEFAULT '[]',
  problem TEXT,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
} as const;
