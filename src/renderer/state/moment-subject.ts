/** What an address means by `<id>@<epoch ms>`: a camera, and a moment of it where one is named. */
export interface MomentSubject {
  readonly id: string;
  readonly atMs: number | null;
}

export const subjectAt = (id: string, atMs: number): string => `${id}@${String(Math.round(atMs))}`;

export function parseMomentSubject(subject: string): MomentSubject {
  const match = /^(.*)@(\d{1,15})$/s.exec(subject);
  return match?.[1] === undefined ? { id: subject, atMs: null } : { id: match[1], atMs: Number(match[2]) };
}
