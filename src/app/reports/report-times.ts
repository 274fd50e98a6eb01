const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-11-24 06:12:05` on this machine's clock. */
export function wallTime(epochMs: number): string {
  const date = new Date(epochMs);
  return `${day(date)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `2026-11-24-0612`: the part of a file name that says when. */
export function fileTime(epochMs: number): string {
  const date = new Date(epochMs);
  return `${day(date)}-${two(date.getHours())}${two(date.getMinutes())}`;
}

const day = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** `0:12:31.4`: a position in a video. */
export function mediaTime(positionMs: number): string {
  const tenths = Math.round(positionMs / 100);
  const seconds = Math.floor(tenths / 10);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
}
