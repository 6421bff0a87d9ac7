/** Schema 4: the images behind an evaluation's rows, whose files are in the run's folder. */

export const evaluationPictures = {
  version: 4,
  sql: 'ALTER TABLE evaluations ADD COLUMN pictures TEXT;',
};
