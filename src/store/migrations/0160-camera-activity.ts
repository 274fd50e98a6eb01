import type { Migration } from './migration.ts';

/** How much cameras saw, minute by minute. The boxes that are there are counted once. */
export const cameraActivity: Migration = {
  version: 160,
  name: 'camera-activity',
  up: (db) => {
    db.exec(`
ALTER TABLE camera_minutes ADD COLUMN boxes INTEGER NOT NULL DEFAULT 0;

INSERT INTO camera_minutes (scan_id, minute, frames, boxes)
  SELECT d.scan_id, d.frame / 60000 AS minute, 0, count(*)
  FROM sources src JOIN scans s ON s.source_id = src.id JOIN detections d ON d.scan_id = s.id
  WHERE src.kind = 'camera' GROUP BY d.scan_id, minute
  ON CONFLICT (scan_id, minute) DO UPDATE SET boxes = excluded.boxes;
`);
  },
};
