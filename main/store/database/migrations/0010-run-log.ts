/** Schema 10: the log of every run. */

export const runLog = {
  version: 10,
  sql: `
CREATE TABLE run_log (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  wall_milliseconds REAL NOT NULL,
  step INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX run_log_run ON run_log (run_id, id);
`,
};
