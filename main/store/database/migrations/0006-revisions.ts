/**
 * Schema 6: every change of a run gets the next revision, whichever process makes it. Times cannot order changes: two may
 * fall into the same millisecond, and a clock may be set back.
 */

export const revisions = {
  version: 6,
  sql: `
ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_revision ON runs (revision);
DROP INDEX runs_updated;

-- One row. Purging a run must not make its revision free again.
CREATE TABLE newest_revision (value INTEGER NOT NULL) STRICT;
INSERT INTO newest_revision VALUES (0);

CREATE TRIGGER run_inserted AFTER INSERT ON runs BEGIN
  UPDATE newest_revision SET value = value + 1;
  UPDATE runs SET revision = (SELECT value FROM newest_revision) WHERE id = NEW.id;
END;

CREATE TRIGGER run_updated AFTER UPDATE ON runs WHEN NEW.revision = OLD.revision BEGIN
  UPDATE newest_revision SET value = value + 1;
  UPDATE runs SET revision = (SELECT value FROM newest_revision) WHERE id = NEW.id;
END;

CREATE TRIGGER tag_inserted AFTER INSERT ON tags BEGIN
  UPDATE runs SET revision = revision WHERE id = NEW.run_id;
END;

CREATE TRIGGER tag_deleted AFTER DELETE ON tags BEGIN
  UPDATE runs SET revision = revision WHERE id = OLD.run_id;
END;
`,
};
