import type { Migration } from './migration.ts';

/** What each camera showed hour by hour while all was well, and since when that counts as accepted. */
export const cameraProfiles: Migration = {
  version: 100,
  name: 'camera-profiles',
  up: (db) => {
    db.exec(`
CREATE TABLE camera_profiles (
  -- One row: the means and counts of one camera's pictures of one hour.
  camera_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL,            -- when the hour began
  figures TEXT NOT NULL,               -- JSON: an HourProfile without the hour and the layout
  layout BLOB NOT NULL,                -- a byte a cell
  PRIMARY KEY (camera_id, hour_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_normals (
  -- One row: since when what one camera shows is accepted. The week from then on is what is normal.
  camera_id TEXT PRIMARY KEY,
  accepted_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`);
  },
};
