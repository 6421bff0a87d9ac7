/** Schema 4: the pictures behind an evaluation's rows, whose files stand in the run's folder. */

export const evaluationPictures = {
  version: 4,
  sql: 'ALTER TABLE evaluations ADD COLUMN pictures TEXT;',
};
