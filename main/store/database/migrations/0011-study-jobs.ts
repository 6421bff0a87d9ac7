/** Schema 11: studies wait in the queue, too. */

export const studyJobs = {
  version: 11,
  sql: `
CREATE TABLE waiting_jobs (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('training', 'evaluation', 'study')),
  place INTEGER NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (run_id, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO waiting_jobs SELECT run_id, kind, place, request FROM queue;
DROP TABLE queue;
ALTER TABLE waiting_jobs RENAME TO queue;
`,
};
