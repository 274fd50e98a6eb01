import type { Migration } from './migration.ts';

/** How many of a job's items are pictures, so that its progress is known while the ledger is still being written. */
export const countedPictures: Migration = {
  version: 200,
  name: 'counted-pictures',
  up: (db) => {
    db.exec(`
ALTER TABLE job_counts ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;

UPDATE job_counts SET pictures =
  (SELECT count(*) FROM items WHERE items.job_pk = job_counts.job_pk AND items.kind = 'picture');

DROP TRIGGER items_counted;

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
`);
  },
};
