import type { Migration } from './migration.ts';

/** Frames in which nothing had changed keep the boxes of an earlier frame: which ones, and how many. */
export const inheritedFrames: Migration = {
  version: 40,
  name: 'inherited-frames',
  up: (db) => {
    db.exec(`
CREATE TABLE inherited (
  -- One row: a stretch of a scan in which every frame took the result of the last one before it that was run.
  scan_id INTEGER NOT NULL REFERENCES scans (id),
  start INTEGER NOT NULL,              -- frames of an item; epoch ms of a camera
  end INTEGER NOT NULL,                -- exclusive
  frames INTEGER NOT NULL,             -- how many there are in it: at most one less than a group of the motion gate
  PRIMARY KEY (scan_id, start)
) STRICT, WITHOUT ROWID;
`);
  },
};
