/** Schema 12: sweeps, the runs that belong to them, and the scores of their members. */

export const sweeps = {
  version: 12,
  sql: `
-- No reference: a run may come from another machine, where its sweep is, and stays when the sweep is deleted.
ALTER TABLE runs ADD COLUMN sweep_id TEXT;
ALTER TABLE runs ADD COLUMN sweep_member INTEGER;
CREATE INDEX runs_sweep ON runs (sweep_id, sweep_member) WHERE sweep_id IS NOT NULL;

-- spec, place and owner are JSON. owner: the process that computes it. error: why it was paused by itself.
CREATE TABLE sweeps (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  name TEXT NOT NULL UNIQUE,
  spec TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('idle', 'running', 'paused', 'stopped', 'finished')),
  place TEXT NOT NULL,
  owner TEXT,
  error TEXT,
  created_at TEXT NOT NULL
) STRICT;

-- score and nfe are NULL for a run that diverged.
CREATE TABLE sweep_scores (
  sweep_id TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
  member INTEGER NOT NULL,
  rung INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  score REAL,
  nfe INTEGER,
  scored_at TEXT NOT NULL,
  PRIMARY KEY (sweep_id, member, rung)
) STRICT, WITHOUT ROWID;
`,
};
