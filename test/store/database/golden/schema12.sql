-- A database as schema 12 wrote it: must open for ever.
CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN
    ('queued', 'running', 'paused', 'interrupted', 'finished', 'stopped', 'diverged', 'crashed')),
  preset TEXT NOT NULL,
  config TEXT NOT NULL,
  dataset TEXT,
  backend TEXT,
  step INTEGER NOT NULL DEFAULT 0,
  total_steps INTEGER,
  epoch INTEGER NOT NULL DEFAULT 0,
  process_seconds REAL NOT NULL DEFAULT 0,
  loss REAL,
  best_psnr REAL,
  error TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT
, note TEXT NOT NULL DEFAULT '', archived_at TEXT, best_ssim REAL, branched_run TEXT, branched_step INTEGER, path TEXT NOT NULL DEFAULT 'linear', field TEXT NOT NULL DEFAULT 'perceiver', source TEXT NOT NULL DEFAULT 'synthetic', revision INTEGER NOT NULL DEFAULT 0, warning TEXT, training_references TEXT) STRICT;
CREATE UNIQUE INDEX runs_name ON runs (name) WHERE deleted_at IS NULL;
CREATE INDEX runs_newest ON runs (created_at);
CREATE TABLE metrics (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  value REAL,
  process_seconds REAL NOT NULL,
  wall_milliseconds REAL NOT NULL,
  PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  is_best INTEGER NOT NULL CHECK (is_best IN (0, 1)),
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE previews (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  file TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE evaluations (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  protocol TEXT NOT NULL,
  rows TEXT NOT NULL
, pictures TEXT) STRICT;
CREATE INDEX evaluations_run ON evaluations (run_id, step);
CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  from_step INTEGER NOT NULL,
  to_step INTEGER,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  backend TEXT NOT NULL
) STRICT;
CREATE INDEX segments_run ON segments (run_id);
CREATE TABLE leases (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  pid INTEGER NOT NULL,
  process_start TEXT,
  boot_id TEXT,
  pid_namespace TEXT,
  heartbeat_milliseconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_browser ON runs (deleted_at, archived_at, created_at, status, preset, name, source, step, loss,
  best_psnr, best_ssim, process_seconds, updated_at, id);
CREATE TABLE tags (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE "queue" (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('training', 'evaluation', 'study')),
  place INTEGER NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (run_id, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE data_sets (
  source TEXT NOT NULL PRIMARY KEY,
  is_added INTEGER NOT NULL CHECK (is_added IN (0, 1)),
  train_images INTEGER,
  test_images INTEGER,
  checksum TEXT,
  notes TEXT NOT NULL DEFAULT '[]',
  problem TEXT,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE INDEX runs_revision ON runs (revision);
CREATE TABLE newest_revision (value INTEGER NOT NULL) STRICT;
INSERT INTO runs VALUES ('abcdefg2', 'golden', 'paused', 'tiny', '{"preset":"tiny","seed":3,"field":{"latents":16},"data":{"source":"cifar10:/home/me/cifar"}}', '{"source":"cifar10:/home/me/cifar","split":"train","count":8,"height":32,"width":32,"checksum":"c0ffee","notes":[]}', '{"kind":"tensorflow","device":"CPU","version":"2.21.0"}', 20, 100, 1, 3.5, 0.5, 22.5, NULL, '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', NULL, 'keep this', '2026-01-03T00:00:00.000Z', 0.75, 'hijklmn3', 10, 'linear', 'perceiver', 'cifar10:/home/me/cifar', 0, NULL, NULL);
INSERT INTO metrics VALUES ('abcdefg2', 'loss', 10, 0.5, 1.5, 1767225600000);
INSERT INTO metrics VALUES ('abcdefg2', 'loss', 20, NULL, 3, 1767225601000);
INSERT INTO checkpoints VALUES ('abcdefg2', 20, 'ckpt-20.safetensors', 123, 'ff', 1, '2026-01-02T00:00:00.000Z');
INSERT INTO previews VALUES ('abcdefg2', 20, 'preview-20.png', '2026-01-02T00:00:00.000Z');
INSERT INTO evaluations VALUES (1, 'abcdefg2', 20, '2026-01-02T00:00:00.000Z', '{"source":"cifar10:/home/me/cifar","datasetChecksum":"c0ffee","split":"test","images":2,"imageSize":32,"maskLaw":"numpy","maskSeed":42,"keepRatio":0.2,"observedPixels":204,"pasted":true,"range":[0,1],"ssimWindow":"uniform 7×7","ssimGaussianWindow":"Gaussian σ 1.5, 11×11","psnrMean":"per image, then averaged","metricVersion":1}', '[{"method":"nearest","nfe":0,"samples":0,"psnr":null,"ssim":0.75,"ssimGaussian":0.72,"psnrUnobserved":21.5,"mse":0.006,"mae":0.05,"seconds":1.5}]', NULL);
INSERT INTO evaluations VALUES (2, 'abcdefg2', 20, '2026-01-03T00:00:00.000Z', '{"source":"cifar10:/home/me/cifar","datasetChecksum":"c0ffee","split":"test","images":2,"imageSize":32,"maskLaw":"numpy","maskSeed":42,"keepRatio":0.2,"observedPixels":204,"pasted":true,"range":[0,1],"ssimWindow":"uniform 7×7","ssimGaussianWindow":"Gaussian σ 1.5, 11×11","psnrMean":"per image, then averaged","noiseSeed":0,"metricVersion":2}', '[{"method":"thin plate","nfe":0,"samples":0,"psnr":22.5,"ssim":0.75,"ssimGaussian":0.72,"psnrUnobserved":21.5,"mse":0.006,"mae":0.05,"seconds":1.5,"psnrInterval":null,"ssimInterval":null,"rmseObserved":0,"spectrumError":2.5,"distribution":null,"solver":null,"solverSteps":null,"parameters":null,"imagesSeen":null,"perImage":{"psnr":[22,null],"psnrUnobserved":[21,22],"ssim":[0.7,0.8],"mse":[0.01,0.002],"mae":[0.06,0.04],"crps":null}},{"method":"flow · mean of 2 samples","nfe":19,"samples":2,"psnr":22.5,"ssim":0.75,"ssimGaussian":0.72,"psnrUnobserved":21.5,"mse":0.006,"mae":0.05,"seconds":1.5,"psnrInterval":[22,23],"ssimInterval":[0.7,0.8],"rmseObserved":0.02,"spectrumError":2.5,"distribution":{"crps":0.05,"energyScore":0.08,"coverage50":0.45,"coverage80":0.75,"coverage90":0.88,"spread":0.05,"spreadSkill":null,"diversity":0.2,"rankHistogram":[0.4,0.2,0.4]},"solver":"heun","solverSteps":10,"parameters":93315,"imagesSeen":6400,"perImage":{"psnr":[22,null],"psnrUnobserved":[21,22],"ssim":[0.7,0.8],"mse":[0.01,0.002],"mae":[0.06,0.04],"crps":[0.05,0.05]}}]', '{"images":2,"columns":2,"imageSize":32,"sheets":["truth","known","thin plate","flow · mean of 2 samples"]}');
INSERT INTO segments VALUES (1, 'abcdefg2', 0, 20, '2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z', '{"kind":"tensorflow","device":"CPU","version":"2.21.0"}');
INSERT INTO tags VALUES ('abcdefg2', 'thesis');
INSERT INTO queue VALUES ('abcdefg2', 'evaluation', 0, '{"images":4,"samples":1,"solver":"heun","steps":2}');
INSERT INTO data_sets VALUES ('folder:/home/me/birds', 1, 9, 3, 'beef', '["1 file was no picture"]', NULL, '2026-01-01T00:00:00.000Z');
INSERT INTO pictures VALUES ('0123456789abcdef', 'lake.jpg', 640, 480, '2026-01-04T00:00:00.000Z');
INSERT INTO masks VALUES ('fedcba9876543210', 640, 480, 61440, '2026-01-04T00:00:00.000Z');
INSERT INTO inpaintings VALUES ('opqrstu4', '2026-01-04T00:00:00.000Z', 'finished', NULL, '0123456789abcdef', 'lake.jpg', 'fedcba9876543210', 'abcdefg2', 'golden', 20, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '{"pictureId":"0123456789abcdef","runId":"abcdefg2","mask":{"kind":"painted","maskId":"fedcba9876543210"},"fit":"whole","scale":1,"solver":"heun","steps":10,"samples":2,"seed":0,"truthIsKnown":true}', '[0,0.5,1]', '{"width":640,"height":480,"observed":61440,"times":[0,0.5,1],"scores":[{"method":"result","psnr":25.5,"psnrUnobserved":24.5,"ssim":0.8,"seconds":3}],"largestDeviation":0.25,"seconds":4.5,"nfe":19,"peakBytes":1048576,"tiles":1}', '{"pid":1,"processStart":null,"bootId":null,"pidNamespace":null}', NULL);
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
CREATE TABLE comparisons (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  run_ids TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE reports (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  title TEXT NOT NULL,
  created_at TEXT NOT NULL,
  folder TEXT NOT NULL UNIQUE,
  run_ids TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO comparisons VALUES ('cdefghi5', 'widths', '2026-01-05T00:00:00.000Z', '["abcdefg2","hijklmn3"]');
CREATE TABLE run_log (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  wall_milliseconds REAL NOT NULL,
  step INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX run_log_run ON run_log (run_id, id);
INSERT INTO run_log (run_id, wall_milliseconds, step, kind, text) VALUES ('abcdefg2', 1767571200000, 0, 'start', 'Training starts');
ALTER TABLE runs ADD COLUMN sweep_id TEXT;
ALTER TABLE runs ADD COLUMN sweep_member INTEGER;
CREATE INDEX runs_sweep ON runs (sweep_id, sweep_member) WHERE sweep_id IS NOT NULL;
CREATE TABLE sweeps (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*'),
  name TEXT NOT NULL UNIQUE,
  spec TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('idle', 'running', 'paused', 'stopped', 'finished')),
  place TEXT NOT NULL,
  owner TEXT,
  error TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE sweep_scores (
  sweep_id TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
  member INTEGER NOT NULL,
  rung INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  score REAL,
  nfe INTEGER,
  scored_at TEXT NOT NULL,
  PRIMARY KEY (sweep_id, member, rung)
) STRICT, WITHOUT ROWID;
INSERT INTO sweeps VALUES ('rates234', 'rates', '{}', 'finished', '{"kind":"local"}', NULL, NULL, '2026-01-06T00:00:00.000Z');
INSERT INTO sweep_scores VALUES ('rates234', 0, 0, 'abcdefg2', 20, 22.5, 1, '2026-01-06T00:01:00.000Z');
PRAGMA user_version = 12;
