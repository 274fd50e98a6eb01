import { z } from 'zod';

/**
 * Which frames of a video are looked at, other than so many a second: each nth picture, or the ones that the video itself
 * holds whole. Their numbers are counted from the first of them on.
 */
export const frameSamplingSchema = z.union([
  z.literal('keyframes'),
  z.strictObject({ every: z.int().min(1).max(100_000) }),
]);
export type FrameSampling = z.infer<typeof frameSamplingSchema>;

/** [fromMs, toMs) of every video, from its first picture on; `toMs` null: to its end. Frames are numbered from `fromMs` on. */
export const videoSpanSchema = z
  .strictObject({ fromMs: z.int().min(0), toMs: z.int().positive().nullable() })
  .refine(({ fromMs, toMs }) => toMs === null || toMs > fromMs, { message: 'the end has to come after the beginning' });
export type VideoSpan = z.infer<typeof videoSpanSchema>;

/** `1:02:03`, `62:03`, `3723` and `3723.5` in ms; null: it is none of these. */
export function readMediaTime(text: string): number | null {
  const found = /^(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,3})?)$/.exec(text.trim());
  if (found === null) return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = found;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}

/** `1:02:03`, with milliseconds where there are any. */
export function mediaTimeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const part = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const fraction = ms % 1000 === 0 ? '' : `.${part(ms % 1000, 3)}`;
  return `${String(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}${fraction}`;
}

/** `from 0:10:00 to 0:20:00`, for people. */
export const spanText = ({ fromMs, toMs }: VideoSpan): string =>
  `from ${mediaTimeText(fromMs)} ${toMs === null ? 'on' : `to ${mediaTimeText(toMs)}`}`;
