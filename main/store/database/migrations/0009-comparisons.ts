/** Schema 9: comparisons that were given a name, and where reports were written. */

export const comparisons = {
  version: 9,
  sql: `
-- run_ids is JSON and no reference: a run may be purged while the comparison of the others is still of use.
CREATE TABLE comparisons (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  run_ids TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- folder is absolute; the user may have moved or deleted it since.
CREATE TABLE reports (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  title TEXT NOT NULL,
  created_at TEXT NOT NULL,
  folder TEXT NOT NULL UNIQUE,
  run_ids TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
};
