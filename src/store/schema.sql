-- Made by scripts/dump-schema.mjs from the migrations; not read by the program. user_version 210.

CREATE TABLE archive_tally (
  -- One row: boxes of a class and score step in one job, or (job_pk 0) in the whole archive.
  job_pk INTEGER NOT NULL,
  recipe_id INTEGER NOT NULL,
  class_index INTEGER NOT NULL,
  score_step INTEGER NOT NULL,         -- floor(score / 0.05), 0 to 20
  held INTEGER NOT NULL,               -- each scan once
  listed INTEGER NOT NULL,             -- each path once: two files of one content count twice
  PRIMARY KEY (job_pk, recipe_id, class_index, score_step)
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_minutes (
  -- One row: how many frames of a camera were looked at in one minute.
  scan_id INTEGER NOT NULL,
  minute INTEGER NOT NULL,             -- minutes since the epoch
  frames INTEGER NOT NULL, boxes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (scan_id, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_normals (
  -- One row: since when what one camera shows is accepted. The week from then on is what is normal.
  camera_id TEXT PRIMARY KEY,
  accepted_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_profiles (
  -- One row: the means and counts of one camera's pictures of one hour.
  camera_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL,            -- when the hour began
  figures TEXT NOT NULL,               -- JSON: an HourProfile without the hour and the layout
  layout BLOB NOT NULL,                -- a byte a cell
  PRIMARY KEY (camera_id, hour_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_states (
  -- One row: a stretch of time in which a camera was in one state. Between two: switched off, or nobody looked.
  camera_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,              -- until it ends: when it was last seen to be so
  state TEXT NOT NULL CHECK (state IN ('live', 'frozen', 'offline')),
  reason TEXT,                         -- of a camera that is offline, in words
  PRIMARY KEY (camera_id, from_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE cameras (
  -- One row: a live source that was ever added. A removed one keeps its row, because its events name it.
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,              -- JSON of all settings
  created_at_ms INTEGER NOT NULL,      -- epoch ms
  removed INTEGER NOT NULL DEFAULT 0   -- 1: gone from the list
) STRICT, WITHOUT ROWID;

CREATE TABLE costs (
  -- One row: how long one batch size of one model takes on one device.
  device TEXT NOT NULL,
  provider TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  input TEXT NOT NULL,                 -- '416x416'
  lane TEXT NOT NULL,
  batch INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  q50_ms REAL NOT NULL,                -- ms
  q95_ms REAL NOT NULL,                -- ms
  samples INTEGER NOT NULL,
  PRIMARY KEY (device, provider, model_sha256, input, lane, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE detections (
  -- One row: one box in one frame. About 30 bytes, because there may be 10^8 of them.
  scan_id INTEGER NOT NULL,            -- no REFERENCES: checked once a commit, not once a row
  frame INTEGER NOT NULL,              -- frame k of an item; capture time in epoch ms of a camera
  ordinal INTEGER NOT NULL,            -- place in the frame, in (class, x, y, w, h) order
  class_index INTEGER NOT NULL,
  score INTEGER NOT NULL,              -- 1/10,000
  x INTEGER NOT NULL,                  -- 1/100 px, left edge
  y INTEGER NOT NULL,                  -- 1/100 px, top edge
  w INTEGER NOT NULL,                  -- 1/100 px
  h INTEGER NOT NULL,                  -- 1/100 px
  track_id INTEGER,                    -- null: no confirmed track
  late_us INTEGER NOT NULL,            -- microseconds between the frame's nominal time (k / fps) and its real one
  PRIMARY KEY (scan_id, frame, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  -- One row: a track of a camera worth reviewing.
  id INTEGER PRIMARY KEY,
  camera_id TEXT NOT NULL,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  recipe_id INTEGER NOT NULL REFERENCES recipes (id),
  class_index INTEGER NOT NULL,
  track_id INTEGER NOT NULL,           -- unique only together with the camera and the start
  start_ms INTEGER NOT NULL,           -- epoch ms
  end_ms INTEGER,                      -- epoch ms; null: goes on
  best_ms INTEGER NOT NULL,            -- epoch ms of the best picture
  best_score INTEGER NOT NULL,         -- 1/10,000
  best_x INTEGER NOT NULL,             -- 1/100 px
  best_y INTEGER NOT NULL,             -- 1/100 px
  best_w INTEGER NOT NULL,             -- 1/100 px
  best_h INTEGER NOT NULL,             -- 1/100 px
  frames INTEGER NOT NULL,             -- frames the track was seen in
  width INTEGER NOT NULL,              -- source pixels
  height INTEGER NOT NULL,             -- source pixels
  reviewed INTEGER NOT NULL DEFAULT 0,
  UNIQUE (camera_id, start_ms, track_id, recipe_id)
) STRICT;

CREATE TABLE inherited (
  -- One row: a stretch of a scan in which every frame took the result of the last one before it that was run.
  scan_id INTEGER NOT NULL REFERENCES scans (id),
  start INTEGER NOT NULL,              -- frames of an item; epoch ms of a camera
  end INTEGER NOT NULL,                -- exclusive
  frames INTEGER NOT NULL,             -- how many there are in it: at most one less than a group of the motion gate
  PRIMARY KEY (scan_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  -- One row: one file of one job's ledger.
  id INTEGER PRIMARY KEY,
  job_pk INTEGER NOT NULL REFERENCES jobs (pk),
  path TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'video')),
  size INTEGER NOT NULL,               -- bytes
  mtime_ms REAL NOT NULL,              -- epoch ms, as the file system says it
  state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'quarantined', 'missing')),
  scan_id INTEGER REFERENCES scans (id), -- null: its content has not been read yet
  cursor INTEGER NOT NULL DEFAULT 0,   -- first frame that is not committed yet
  expected_frames INTEGER,             -- frames; an estimate until the item is done
  attempts INTEGER NOT NULL DEFAULT 0, -- failures since it last went to pending by an operator or a change
  failure_kind TEXT,
  failure_reason TEXT,
  found_run INTEGER NOT NULL, list_id TEXT,          -- the enumeration that saw it last
  UNIQUE (job_pk, path)
) STRICT;

CREATE TABLE job_counts (
  -- One row: a job's ledger in numbers, kept by the triggers below so that progress never counts items.
  job_pk INTEGER PRIMARY KEY REFERENCES jobs (pk),
  total INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,          -- failed, quarantined and missing
  frames INTEGER NOT NULL DEFAULT 0,          -- frames looked at, each item's own
  detections INTEGER NOT NULL DEFAULT 0,      -- boxes, each item's own
  expected_frames INTEGER NOT NULL DEFAULT 0, -- sum where known
  unknown_items INTEGER NOT NULL DEFAULT 0    -- items whose length is not known
, pictures INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE jobs (
  -- One row: an archive scan that somebody asked for.
  pk INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,                  -- JSON (JobSpec)
  state TEXT NOT NULL,
  reason TEXT,
  created_at_ms INTEGER NOT NULL,      -- epoch ms
  started_at_ms INTEGER,               -- epoch ms
  ended_at_ms INTEGER                  -- epoch ms
, start_key TEXT) STRICT;

CREATE TABLE lane_seconds (
  -- One row: what the device did in one second of the last day; seconds without work have none.
  at_s INTEGER PRIMARY KEY NOT NULL,   -- epoch s
  live_ms REAL NOT NULL,               -- ms of runs
  archive_ms REAL NOT NULL,            -- ms of runs
  runs INTEGER NOT NULL,               -- begun in it
  largest_live INTEGER NOT NULL,       -- pictures
  largest_archive INTEGER NOT NULL,    -- pictures
  shed INTEGER NOT NULL                -- frames that gave way
) STRICT;

CREATE TABLE looked (
  -- One row: a stretch of a scan that was looked at, found or not. Disjoint and never adjacent within a scan.
  scan_id INTEGER NOT NULL REFERENCES scans (id),
  start INTEGER NOT NULL,              -- frames of an item; epoch ms of a camera
  end INTEGER NOT NULL,                -- exclusive
  PRIMARY KEY (scan_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  -- One row: a line that an operator must not miss.
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,              -- epoch ms
  level TEXT NOT NULL,
  topic TEXT NOT NULL,
  text TEXT NOT NULL,
  cleared_at_ms INTEGER                -- epoch ms; null: open
) STRICT;

CREATE TABLE picture_review_counts (
  -- One row: what became of all reviews, also of those that are kept no more.
  one INTEGER PRIMARY KEY CHECK (one = 1),
  final INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  given_up INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE picture_reviews (
  -- One row: a picture that a program sent in for review. Its file is kept in the data folder while it is pending.
  pk INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,         -- epoch ms
  state TEXT NOT NULL CHECK (state IN ('pending', 'final', 'failed')),
  model TEXT NOT NULL,
  score REAL,                          -- null: the model's own
  classes TEXT,                        -- JSON list of labels; null: the model's own
  file TEXT NOT NULL,                  -- name inside the folder of reviews
  provisional TEXT NOT NULL,           -- JSON (PictureAnswer)
  final TEXT,                          -- JSON (FinalAnswer)
  changed INTEGER,                     -- 0 or 1, with final
  reason TEXT,                         -- why it failed
  webhook_url TEXT,
  webhook TEXT NOT NULL CHECK (webhook IN ('none', 'due', 'delivered', 'given-up'))
) STRICT;

CREATE TABLE recipes (
  -- One row: a model with the settings it is run with.
  id INTEGER PRIMARY KEY,
  model_id TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  settings_hash TEXT NOT NULL,
  settings TEXT NOT NULL,              -- JSON (RecipeSettings)
  labels TEXT NOT NULL,                -- JSON array: class index to label
  UNIQUE (model_sha256, settings_hash)
) STRICT;

CREATE TABLE recording_days (
  -- One row: for how many days the footage of a camera stays that is gone from the list. None: for as long as there is room.
  camera_id TEXT PRIMARY KEY NOT NULL,
  keep_days REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE recording_gaps (
  -- One row: a stretch of a camera without footage, and why.
  id INTEGER PRIMARY KEY,
  camera_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,                       -- NULL: it goes on
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE recording_kept (
  -- One row: a stretch of a camera that retention leaves alone.
  camera_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,              -- exclusive; stretches of a camera do not overlap
  PRIMARY KEY (camera_id, from_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE recording_segments (
  -- One row: a file with about a minute of a camera's packets.
  id INTEGER PRIMARY KEY,
  camera_id TEXT NOT NULL,
  file TEXT NOT NULL UNIQUE,           -- below the recordings folder, with forward slashes
  start_ms INTEGER NOT NULL,           -- epoch ms
  end_ms INTEGER,                      -- NULL while it is being written, or was when everything ended
  bytes INTEGER NOT NULL,
  codec TEXT,                          -- NULL: found on the disk without its row
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'leaving'))
) STRICT;

CREATE TABLE recording_totals (
  -- One row: what there is of a camera's closed files, kept by the triggers below so that no look counts them.
  camera_id TEXT PRIMARY KEY NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
  -- One row: a report that was written to a file.
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,              -- epoch ms
  title TEXT NOT NULL,
  scope TEXT NOT NULL,                 -- JSON (ReportScope)
  format TEXT NOT NULL,
  file TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE scan_slots (
  -- One row: how many boxes of a class fall into one slot of a video's or camera's time.
  scan_id INTEGER NOT NULL,
  slot INTEGER NOT NULL,               -- camera: hours since the epoch; video: blocks of 64 frames
  class_index INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (scan_id, slot, class_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan_tally (
  -- One row: how many boxes of a class and score step a scan holds.
  scan_id INTEGER NOT NULL,
  class_index INTEGER NOT NULL,
  score_step INTEGER NOT NULL,         -- floor(score / 0.05), 0 to 20
  count INTEGER NOT NULL,
  PRIMARY KEY (scan_id, class_index, score_step)
) STRICT, WITHOUT ROWID;

CREATE TABLE scans (
  -- One row: one source looked at under one recipe. Detections, ranges and tallies hang on it, whichever job asked.
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  recipe_id INTEGER NOT NULL REFERENCES recipes (id),
  frames INTEGER NOT NULL DEFAULT 0,     -- frames looked at
  detections INTEGER NOT NULL DEFAULT 0, -- boxes stored
  total_frames INTEGER,                  -- exact length in frames, once somebody has read to the end
  UNIQUE (source_id, recipe_id)
) STRICT;

CREATE TABLE schedule_runs (
  -- One row: a time at which a schedule was due, and what became of it. Its key is what lets it happen once.
  schedule_id TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  due_ms INTEGER NOT NULL,             -- epoch ms
  at_ms INTEGER NOT NULL,              -- epoch ms: when that was decided
  by_hand INTEGER NOT NULL,            -- 1: somebody asked for it
  outcome TEXT NOT NULL CHECK (outcome IN ('starting', 'started', 'missed', 'skipped', 'failed')),
  why TEXT,
  count INTEGER NOT NULL,              -- times up to this one that came to the same
  at_least INTEGER NOT NULL,           -- 1: there were more
  job_id TEXT,
  held_until_ms INTEGER,               -- epoch ms: its scan was paused until then for its hours
  held_reason TEXT,                    -- as the paused job tells it
  ended_at_ms INTEGER,                 -- epoch ms
  run_end TEXT,                        -- how its scan ended
  PRIMARY KEY (schedule_id, due_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
  -- One row: what is scanned by itself, and when.
  id TEXT PRIMARY KEY NOT NULL,
  settings TEXT NOT NULL,              -- JSON (ScheduleSettings)
  created_at_ms INTEGER NOT NULL,      -- epoch ms
  considered_ms INTEGER NOT NULL       -- epoch ms; what was due up to then is dealt with
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  -- One row: a choice that outlives the process.
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE shed_frames (
  -- One row: a frame of a recorded camera that was not analysed live. Settled ones are forgotten after a while.
  scan_id INTEGER NOT NULL,
  frame INTEGER NOT NULL,              -- capture time, epoch ms
  state TEXT NOT NULL CHECK (state IN ('open', 'repaired', 'lost')),
  settled_ms INTEGER,                  -- epoch ms; null while open
  why TEXT,                            -- of a lost one: why it cannot be repaired
  PRIMARY KEY (scan_id, frame)
) STRICT, WITHOUT ROWID;

CREATE TABLE shed_minutes (
  -- One row: how many of a scan's shed frames of one minute are in one state. It stays when the frames are forgotten.
  scan_id INTEGER NOT NULL,
  minute INTEGER NOT NULL,             -- minutes since the epoch
  state TEXT NOT NULL,
  why TEXT NOT NULL,                   -- '' unless lost
  frames INTEGER NOT NULL,
  boxes INTEGER NOT NULL,              -- found in repaired ones
  PRIMARY KEY (scan_id, minute, state, why)
) STRICT, WITHOUT ROWID;

CREATE TABLE shed_records (
  -- One row: live frames of one camera (null: the archive) that gave way by one step within one second.
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,              -- epoch ms
  step TEXT NOT NULL,
  camera TEXT,
  frames INTEGER NOT NULL,
  why TEXT NOT NULL
) STRICT;

CREATE TABLE sources (
  -- One row: content that can be looked at (a picture's or video's bytes, wherever they lie) or one camera.
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,            -- sha256:<hex> of the content, or camera:<id>
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'video', 'camera')),
  width INTEGER,                       -- pixels of the upright picture; null: not known yet
  height INTEGER                       -- pixels
) STRICT;

CREATE TABLE store_counts (
  -- The only row: what the whole store holds.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  detections INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_time ON events (start_ms, end_ms, camera_id, recipe_id, class_index, best_score, reviewed);

CREATE INDEX events_open ON events (id) WHERE end_ms IS NULL;

CREATE INDEX items_by_job_scan ON items (job_pk, scan_id);

CREATE INDEX items_by_path ON items (path, scan_id);

CREATE INDEX items_by_scan ON items (scan_id);

CREATE INDEX items_by_state ON items (job_pk, state);

CREATE INDEX notices_open ON notices (topic) WHERE cleared_at_ms IS NULL;

CREATE INDEX picture_reviews_due ON picture_reviews (pk) WHERE webhook = 'due';

CREATE INDEX picture_reviews_open ON picture_reviews (pk) WHERE state = 'pending';

CREATE INDEX recording_gaps_by_time ON recording_gaps (camera_id, from_ms);

CREATE INDEX recording_segments_by_age ON recording_segments (state, start_ms);

CREATE INDEX recording_segments_by_time ON recording_segments (camera_id, start_ms, end_ms, state, bytes);

CREATE INDEX shed_frames_open ON shed_frames (scan_id, frame) WHERE state = 'open';

CREATE INDEX shed_minutes_open ON shed_minutes (scan_id, minute) WHERE state = 'open';

CREATE INDEX shed_records_by_time ON shed_records (at_ms);

CREATE TRIGGER items_counted AFTER INSERT ON items BEGIN
  UPDATE job_counts SET
    total = total + 1,
    pictures = pictures + (NEW.kind = 'picture'),
    pending = pending + (NEW.state = 'pending'),
    done = done + (NEW.state = 'done'),
    failed = failed + (NEW.state IN ('failed', 'quarantined', 'missing')),
    expected_frames = expected_frames + coalesce(NEW.expected_frames, 0),
    unknown_items = unknown_items + (NEW.expected_frames IS NULL)
  WHERE job_pk = NEW.job_pk;
END;

CREATE TRIGGER items_recounted AFTER UPDATE OF state, expected_frames, scan_id ON items BEGIN
  UPDATE job_counts SET
    pending = pending + (NEW.state = 'pending') - (OLD.state = 'pending'),
    done = done + (NEW.state = 'done') - (OLD.state = 'done'),
    failed = failed + (NEW.state IN ('failed', 'quarantined', 'missing'))
      - (OLD.state IN ('failed', 'quarantined', 'missing')),
    frames = frames + coalesce((SELECT frames FROM scans WHERE id = NEW.scan_id), 0)
      - coalesce((SELECT frames FROM scans WHERE id = OLD.scan_id), 0),
    detections = detections + coalesce((SELECT detections FROM scans WHERE id = NEW.scan_id), 0)
      - coalesce((SELECT detections FROM scans WHERE id = OLD.scan_id), 0),
    expected_frames = expected_frames + coalesce(NEW.expected_frames, 0) - coalesce(OLD.expected_frames, 0),
    unknown_items = unknown_items + (NEW.expected_frames IS NULL) - (OLD.expected_frames IS NULL)
  WHERE job_pk = NEW.job_pk;
END;

CREATE TRIGGER jobs_counted AFTER INSERT ON jobs BEGIN
  INSERT INTO job_counts (job_pk) VALUES (NEW.pk);
END;

CREATE TRIGGER recording_totals_added AFTER INSERT ON recording_segments WHEN NEW.state = 'closed' BEGIN
  INSERT INTO recording_totals (camera_id, files, bytes) VALUES (NEW.camera_id, 1, NEW.bytes)
  ON CONFLICT (camera_id) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER recording_totals_changed AFTER UPDATE OF camera_id, bytes, state ON recording_segments BEGIN
  UPDATE recording_totals SET files = files - 1, bytes = bytes - OLD.bytes
  WHERE camera_id = OLD.camera_id AND OLD.state = 'closed';
  INSERT INTO recording_totals (camera_id, files, bytes) SELECT NEW.camera_id, 1, NEW.bytes WHERE NEW.state = 'closed'
  ON CONFLICT (camera_id) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER recording_totals_removed AFTER DELETE ON recording_segments WHEN OLD.state = 'closed' BEGIN
  UPDATE recording_totals SET files = files - 1, bytes = bytes - OLD.bytes WHERE camera_id = OLD.camera_id;
END;

CREATE TRIGGER scans_recounted AFTER UPDATE OF frames, detections ON scans BEGIN
  UPDATE job_counts SET
    frames = frames + (NEW.frames - OLD.frames)
      * (SELECT count(*) FROM items WHERE scan_id = NEW.id AND items.job_pk = job_counts.job_pk),
    detections = detections + (NEW.detections - OLD.detections)
      * (SELECT count(*) FROM items WHERE scan_id = NEW.id AND items.job_pk = job_counts.job_pk)
  WHERE job_pk IN (SELECT job_pk FROM items WHERE scan_id = NEW.id);
END;

