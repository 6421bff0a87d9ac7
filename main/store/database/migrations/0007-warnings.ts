/** Schema 7: a run may carry a warning, such as that it learns nothing. */

export const warnings = {
  version: 7,
  sql: 'ALTER TABLE runs ADD COLUMN warning TEXT;',
};
