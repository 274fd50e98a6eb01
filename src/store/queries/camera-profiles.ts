import type { HourProfile } from '../../shared/domain/camera-health.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Operation } from '../store-context.ts';
import { msPerHour } from '../stored-numbers.ts';

/** The accepted week and, beside it, this many of the newest hours: five weeks. */
const weekMs = 7 * 24 * msPerHour;
const keptHours = 5 * 7 * 24;

export const saveCameraProfile: Operation<'cameras.saveProfile'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO camera_profiles (camera_id, hour_ms, figures, layout) VALUES (?, ?, ?, ?)
     ON CONFLICT (camera_id, hour_ms) DO UPDATE SET figures = excluded.figures, layout = excluded.layout`,
  );
  const forget = db.prepare(
    `DELETE FROM camera_profiles WHERE camera_id = @cameraId
       AND hour_ms <= (SELECT hour_ms FROM camera_profiles WHERE camera_id = @cameraId
                       ORDER BY hour_ms DESC LIMIT 1 OFFSET ${String(keptHours)})
       AND NOT EXISTS (SELECT 1 FROM camera_normals n WHERE n.camera_id = @cameraId
                       AND hour_ms >= n.accepted_ms - ${String(msPerHour)} AND hour_ms < n.accepted_ms + ${String(weekMs)})`,
  );
  return inTransaction(db, ({ cameraId, profile: { hourMs, layout, ...figures } }) => {
    upsert.run(cameraId, Math.round(hourMs), JSON.stringify(figures), layout);
    forget.run({ cameraId });
  });
};

export const readCameraProfiles: Operation<'cameras.profiles'> = ({ db }) => {
  const select = db.prepare(
    `SELECT hour_ms AS hourMs, figures, layout FROM camera_profiles
     WHERE camera_id = ? AND hour_ms >= ? AND hour_ms < ? ORDER BY hour_ms`,
  );
  return ({ cameraId, fromMs, toMs }) =>
    (
      select.all(cameraId, Math.round(fromMs), Math.round(toMs)) as {
        hourMs: number;
        figures: string;
        layout: Uint8Array;
      }[]
    ).map(({ hourMs, figures, layout }) => ({
      ...(JSON.parse(figures) as Omit<HourProfile, 'hourMs' | 'layout'>),
      hourMs,
      // A copy of its own: a Buffer is a piece of memory that others share.
      layout: Uint8Array.from(layout),
    }));
};

export const acceptCamera: Operation<'cameras.accept'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO camera_normals (camera_id, accepted_ms) VALUES (?, ?)
     ON CONFLICT (camera_id) DO UPDATE SET accepted_ms = excluded.accepted_ms`,
  );
  return ({ cameraId, acceptedMs }) => {
    upsert.run(cameraId, Math.round(acceptedMs));
  };
};

export const acceptedCameras: Operation<'cameras.accepted'> = ({ db }) => {
  const select = db.prepare('SELECT camera_id AS cameraId, accepted_ms AS acceptedMs FROM camera_normals');
  return () => select.all() as { cameraId: string; acceptedMs: number }[];
};
