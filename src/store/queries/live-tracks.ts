import { savedTracksSchema, type SavedTracks } from '../../shared/domain/saved-tracks.ts';
import type { Operation } from '../store-context.ts';

/** In `settings`: one value a camera, gone with it. */
export const savedTracksKey = (cameraId: string): string => `tracks:${cameraId}`;

export const loadTracks: Operation<'live.tracks'> = ({ db }) => {
  const value = db.prepare('SELECT value FROM settings WHERE key = ?').pluck();
  const last = db.prepare('SELECT max(track_id) FROM events WHERE camera_id = ?').pluck();
  return ({ cameraId }) => {
    const text = value.get(savedTracksKey(cameraId)) as string | undefined;
    return {
      saved: text === undefined ? null : savedOrNothing(text),
      lastTrackId: (last.get(cameraId) as number | null) ?? 0,
    };
  };
};

/** What cannot be read (another version wrote it) is no reason to keep a camera shut: its tracks begin anew. */
function savedOrNothing(text: string): SavedTracks | null {
  try {
    return savedTracksSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
