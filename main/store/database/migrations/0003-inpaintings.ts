/**
 * Schema 3: the user's images, their masks, and the results of inpainting. Images and masks are
 * named by their content; their files are next to the database.
 */

export const inpaintings = {
  version: 3,
  sql: `
CREATE TABLE pictures (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
  name TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE masks (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  -- Pixels that are known.
  observed INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- run_id is no reference: the run may be purged. picture_name and run_name are as they were then.
CREATE TABLE inpaintings (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  created_at TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('waiting', 'running', 'finished', 'failed', 'cancelled', 'interrupted')),
  error TEXT,
  picture_id TEXT NOT NULL REFERENCES pictures (id),
  picture_name TEXT NOT NULL,
  mask_id TEXT REFERENCES masks (id),
  run_id TEXT NOT NULL,
  run_name TEXT NOT NULL,
  checkpoint_step INTEGER NOT NULL,
  checkpoint_sha256 TEXT NOT NULL,
  request TEXT NOT NULL,
  times TEXT NOT NULL DEFAULT '[]',
  result TEXT,
  -- The process that computes it or has deleted it, as JSON: see leases.
  owner TEXT NOT NULL,
  deleted_at TEXT
) STRICT;
CREATE INDEX inpaintings_newest ON inpaintings (deleted_at, created_at);
CREATE INDEX inpaintings_picture ON inpaintings (picture_id);
CREATE INDEX inpaintings_mask ON inpaintings (mask_id);
`,
} as const;
