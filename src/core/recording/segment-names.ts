/** A file's place below its camera's folder: a folder a day, both in UTC, so that no hour of the year comes twice. */
export function segmentName(startMs: number): string {
  const [day = '', time = ''] = new Date(startMs).toISOString().split('T');
  return `${day}/${time.replace(/[:.]/g, '-')}.mp4`;
}

const name = /^(\d{4}-\d{2}-\d{2})\/(\d{2})-(\d{2})-(\d{2})-(\d{3})Z\.mp4$/;

/** The start that a name tells, epoch ms; null: not one of ours. */
export function startOfSegment(file: string): number | null {
  const parts = name.exec(file);
  if (parts === null) return null;
  const [, day, hours, minutes, seconds, ms] = parts;
  const startMs = Date.parse(`${day ?? ''}T${hours ?? ''}:${minutes ?? ''}:${seconds ?? ''}.${ms ?? ''}Z`);
  return Number.isNaN(startMs) ? null : startMs;
}
