import type { Migration } from './migration.ts';

/** Frames that recorded cameras had to leave out live, and what became of each afterwards. */
export const shedFrames: Migration = {
  version: 150,
  name: 'shed-frames',
  up: (db) => {
    db.exec(`
CREATE TABLE shed_frames (
  -- One row: a frame of a recorded camera that was not analysed live. Settled ones are forgotten after a while.
  scan_id INTEGER NOT NULL,
  frame INTEGER NOT NULL,              -- capture time, epoch ms
  state TEXT NOT NULL CHECK (state IN ('open', 'repaired', 'lost')),
  settled_ms INTEGER,                  -- epoch ms; null while open
  why TEXT,                            -- of a lost one: why it cannot be repaired
  PRIMARY KEY (scan_id, frame)
) STRICT, WITHOUT ROWID;
CREATE INDEX shed_frames_open ON shed_frames (scan_id, frame) WHERE state = 'open';

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
CREATE INDEX shed_minutes_open ON shed_minutes (scan_id, minute) WHERE state = 'open';
`);
  },
};
