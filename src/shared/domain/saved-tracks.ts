import { z } from 'zod';

const side = z.number();
const place = z.strictObject({
  trackId: z.int().positive(),
  classIndex: z.int().nonnegative(),
  /** Where it stands. */
  box: z.tuple([side, side, side, side]),
  /** In full minutes: so that it is written once a minute and not with every picture. */
  lastSeenMs: z.number(),
});

/** What of a camera's tracks outlives the application: what is parked in its view, and which ids were given. */
export const savedTracksSchema = z.strictObject({
  /** Whose classes these are. */
  modelId: z.string(),
  nextTrackId: z.int().positive(),
  stationary: z.array(place).readonly(),
});
export type SavedTracks = z.infer<typeof savedTracksSchema>;
export type SavedPlace = z.infer<typeof place>;
