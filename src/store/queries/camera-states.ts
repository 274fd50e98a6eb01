import type { CameraStretch } from '../../shared/domain/camera.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Operation } from '../store-context.ts';

/** A camera that goes and comes every minute all day long is remembered for three days, any other for much longer. */
const keptStretches = 5000;

export const saveCameraStates: Operation<'cameras.states'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO camera_states (camera_id, from_ms, to_ms, state, reason) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (camera_id, from_ms) DO UPDATE SET to_ms = excluded.to_ms, state = excluded.state, reason = excluded.reason`,
  );
  const forget = db.prepare(
    `DELETE FROM camera_states WHERE camera_id = @cameraId AND from_ms <=
       (SELECT from_ms FROM camera_states WHERE camera_id = @cameraId ORDER BY from_ms DESC LIMIT 1 OFFSET ${String(keptStretches)})`,
  );
  return inTransaction(db, ({ stretches }) => {
    for (const { cameraId, fromMs, toMs, state, reason } of stretches) {
      upsert.run(cameraId, Math.round(fromMs), Math.round(toMs), state, reason);
    }
    for (const cameraId of new Set(stretches.map((stretch) => stretch.cameraId))) forget.run({ cameraId });
  });
};

export const cameraHistory: Operation<'cameras.history'> = ({ db }) => {
  const select = db.prepare(
    `SELECT from_ms AS fromMs, to_ms AS toMs, state, reason FROM camera_states
     WHERE camera_id = ? AND from_ms < ? AND to_ms >= ? ORDER BY from_ms`,
  );
  return ({ cameraId, fromMs, toMs }) => select.all(cameraId, Math.round(toMs), Math.round(fromMs)) as CameraStretch[];
};
