import type { Migration } from './migration.ts';

/** When each camera was live, showed a frozen picture, or was offline, and why. */
export const cameraStates: Migration = {
  version: 90,
  name: 'camera-states',
  up: (db) => {
    db.exec(`
CREATE TABLE camera_states (
  -- One row: a stretch of time in which a camera was in one state. Between two: switched off, or nobody looked.
  camera_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,              -- until it ends: when it was last seen to be so
  state TEXT NOT NULL CHECK (state IN ('live', 'frozen', 'offline')),
  reason TEXT,                         -- of a camera that is offline, in words
  PRIMARY KEY (camera_id, from_ms)
) STRICT, WITHOUT ROWID;
`);
  },
};
