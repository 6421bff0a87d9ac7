/** Schema 8: what classical methods score on the images of a run, as JSON of `TrainingReferences`; NULL: not known. */

export const references = {
  version: 8,
  sql: 'ALTER TABLE runs ADD COLUMN training_references TEXT;',
};
