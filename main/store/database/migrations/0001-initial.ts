/** Schema 1: runs and everything that hangs on them. Times are ISO 8601 UTC unless the name says milliseconds. */

export const initial = {
  version: 1,
  sql: `
CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN
    ('queued', 'running', 'paused', 'interrupted', 'finished', 'stopped', 'diverged', 'crashed')),
  preset TEXT NOT NULL,
  config TEXT NOT NULL,
  dataset TEXT,
  backend TEXT,
  step INTEGER NOT NULL DEFAULT 0,
  total_steps INTEGER,
  epoch INTEGER NOT NULL DEFAULT 0,
  process_seconds REAL NOT NULL DEFAULT 0,
  loss REAL,
  best_psnr REAL,
  error TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT
) STRICT;
CREATE UNIQUE INDEX runs_name ON runs (name) WHERE deleted_at IS NULL;
CREATE INDEX runs_newest ON runs (created_at);

-- value is NULL where a NaN was logged: SQLite has no NaN.
CREATE TABLE metrics (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL,
  process_seconds REAL NOT NULL,
  wall_milliseconds REAL NOT NULL,
  PRIMARY KEY (run_id, step, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  is_best INTEGER NOT NULL CHECK (is_best IN (0, 1)),
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE previews (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  file TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluations (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  protocol TEXT NOT NULL,
  rows TEXT NOT NULL
) STRICT;
CREATE INDEX evaluations_run ON evaluations (run_id, step);

CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  from_step INTEGER NOT NULL,
  to_step INTEGER,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  backend TEXT NOT NULL
) STRICT;
CREATE INDEX segments_run ON segments (run_id);

-- NULL where the platform does not tell.
CREATE TABLE leases (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  pid INTEGER NOT NULL,
  process_start TEXT,
  boot_id TEXT,
  pid_namespace TEXT,
  heartbeat_milliseconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
} as const;
