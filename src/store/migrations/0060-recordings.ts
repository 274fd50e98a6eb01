import type { Migration } from './migration.ts';

/** What was recorded, why there is nothing where there is nothing, and what must stay. */
export const recordings: Migration = {
  version: 60,
  name: 'recordings',
  up: (db) => {
    db.exec(`
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
CREATE INDEX recording_segments_by_time ON recording_segments (camera_id, start_ms);
CREATE INDEX recording_segments_by_age ON recording_segments (state, start_ms);

CREATE TABLE recording_gaps (
  -- One row: a stretch of a camera without footage, and why.
  id INTEGER PRIMARY KEY,
  camera_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,                       -- NULL: it goes on
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX recording_gaps_by_time ON recording_gaps (camera_id, from_ms);

CREATE TABLE recording_kept (
  -- One row: a stretch of a camera that retention leaves alone.
  camera_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,              -- exclusive; stretches of a camera do not overlap
  PRIMARY KEY (camera_id, from_ms)
) STRICT, WITHOUT ROWID;
`);
  },
};
