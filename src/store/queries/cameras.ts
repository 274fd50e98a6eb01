import type { Database } from 'better-sqlite3';
import type { StoredCamera } from '../operations.ts';
import type { Operation } from '../store-context.ts';
import { savedTracksKey } from './live-tracks.ts';

/** Settings that rows from before them lack. */
const later = {
  transport: 'auto',
  motionGate: false,
  recording: 'off',
  keepDays: null,
  repair: true,
  hardwareDecode: 'auto',
  largeUrl: null,
  allowLoopback: true,
  group: '',
} satisfies Partial<StoredCamera>;

export const listCameras: Operation<'cameras.list'> = ({ db }) => {
  const select = db.prepare(
    'SELECT id, settings, created_at_ms AS createdAtMs FROM cameras WHERE removed = 0 ORDER BY created_at_ms, id',
  );
  return () =>
    (select.all() as { id: string; settings: string; createdAtMs: number }[]).map(({ id, settings, createdAtMs }) => ({
      ...later,
      ...(JSON.parse(settings) as Omit<StoredCamera, 'id' | 'createdAtMs' | keyof typeof later>),
      id,
      createdAtMs,
    }));
};

export const saveCamera: Operation<'cameras.save'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO cameras (id, name, settings, created_at_ms, removed) VALUES (?, ?, ?, ?, 0)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings, removed = 0`,
  );
  return ({ id, createdAtMs, ...settings }) => {
    overwriting(db, () => upsert.run(id, settings.name, JSON.stringify(settings), Math.round(createdAtMs)));
  };
};

/** What a row held before is overwritten: rows of earlier versions have passwords in their addresses. */
function overwriting(db: Database, change: () => void): void {
  db.pragma('secure_delete = ON');
  try {
    change();
  } finally {
    db.pragma('secure_delete = OFF');
  }
}

/** Of a removed camera the name is of use: its events bear it. For how long its footage stays is kept apart. */
const emptyRemoved = `UPDATE cameras SET settings = '{}' WHERE removed = 1 AND settings <> '{}'`;

export const forgetOldCameras: Operation<'cameras.forgetOld'> = ({ db }) => {
  const empty = db.prepare(emptyRemoved);
  return ({ rewritten }) => {
    let emptied = 0;
    overwriting(db, () => {
      emptied = empty.run().changes;
    });
    if (rewritten || emptied > 0) db.pragma('wal_checkpoint(TRUNCATE)');
  };
};

export const removeCamera: Operation<'cameras.remove'> = ({ db }) => {
  const hide = db.prepare('UPDATE cameras SET removed = 1 WHERE id = ?');
  const keepDays = db.prepare(
    `INSERT INTO recording_days (camera_id, keep_days)
     SELECT id, json_extract(settings, '$.keepDays') FROM cameras
     WHERE id = ? AND json_extract(settings, '$.keepDays') IS NOT NULL
     ON CONFLICT (camera_id) DO UPDATE SET keep_days = excluded.keep_days`,
  );
  const empty = db.prepare(emptyRemoved);
  const forget = db.prepare('DELETE FROM settings WHERE key = ?');
  const forgetProfiles = db.prepare('DELETE FROM camera_profiles WHERE camera_id = ?');
  const forgetNormal = db.prepare('DELETE FROM camera_normals WHERE camera_id = ?');
  return ({ id }) => {
    keepDays.run(id);
    hide.run(id);
    overwriting(db, () => {
      empty.run();
    });
    forget.run(savedTracksKey(id));
    forgetProfiles.run(id);
    forgetNormal.run(id);
  };
};
