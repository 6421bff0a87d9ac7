/** Schema 13: saved comparisons remember what their runs are grouped by. */

export const groupedComparisons = {
  version: 13,
  sql: `
-- NULL: each run is compared by itself.
ALTER TABLE comparisons ADD COLUMN group_by TEXT;
`,
};
