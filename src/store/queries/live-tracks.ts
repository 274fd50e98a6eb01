import { savedTracksSchema } from '../../shared/domain/saved-tracks.ts';
import type { Operation } from '../store-context.ts';

/** In `settings`: one value a camera, gone with it. */
export const savedTracksKey = (cameraId: string): string => `tracks:${cameraId}`;

export const loadTracks: Operation<'live.tracks'> = ({ db }) => {
  const value = db.prepare('SELECT value FROM settings WHERE key = ?').pluck();
  const last = db.prepare('SELECT max(track_id) FROM events WHERE camera_id = ?').pluck();
  return ({ cameraId }) => {
    const text = value.get(savedTracksKey(cameraId)) as string | undefined;
    return {
      saved: text === undefined ? null : savedTracksSchema.parse(JSON.parse(text)),
      lastTrackId: (last.get(cameraId) as number | null) ?? 0,
    };
  };
};
