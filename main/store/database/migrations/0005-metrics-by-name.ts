/** Schema 5: the points of one curve are stored next to each other, so that a chart reads only these. */

export const metricsByName = {
  version: 5,
  sql: `
CREATE TABLE metrics_by_name (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  value REAL,
  process_seconds REAL NOT NULL,
  wall_milliseconds REAL NOT NULL,
  PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;

INSERT INTO metrics_by_name
  SELECT run_id, name, step, value, process_seconds, wall_milliseconds FROM metrics ORDER BY run_id, name, step;

DROP TABLE metrics;

ALTER TABLE metrics_by_name RENAME TO metrics;
`,
};
