import type { Migration } from './migration.ts';

/**
 * How much footage there is of each camera, kept while it changes: the page asks every few seconds, and a year of ten
 * cameras is five million rows. And the days that a camera's footage stays when the camera itself is gone.
 */
export const recordingTotals: Migration = {
  version: 140,
  name: 'recording-totals',
  up: (db) => {
    db.exec(`
CREATE TABLE recording_totals (
  -- One row: what there is of a camera's closed files, kept by the triggers below so that no look counts them.
  camera_id TEXT PRIMARY KEY NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO recording_totals (camera_id, files, bytes)
  SELECT camera_id, count(*), sum(bytes) FROM recording_segments WHERE state = 'closed' GROUP BY camera_id;

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

-- As before, and with it what the last day's rate and the kept stretches are summed up from.
DROP INDEX recording_segments_by_time;
CREATE INDEX recording_segments_by_time ON recording_segments (camera_id, start_ms, end_ms, state, bytes);

CREATE TABLE recording_days (
  -- One row: for how many days the footage of a camera stays that is gone from the list. None: for as long as there is room.
  camera_id TEXT PRIMARY KEY NOT NULL,
  keep_days REAL NOT NULL
) STRICT, WITHOUT ROWID;
`);
  },
};
