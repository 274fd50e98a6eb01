/** What the command line tells a worker: one share of the pictures. */
export interface DemoImagesOrder {
  /** Absolute paths of the clips, in the order that numbers count on. */
  readonly clips: readonly string[];
  readonly folder: string;
  /** Numbers of the pictures that are still missing. */
  readonly numbers: readonly number[];
  /** This worker's share: frames whose number leaves `part` when divided by `parts`. */
  readonly part: number;
  readonly parts: number;
}

export type DemoImagesNews =
  | { readonly type: 'written'; readonly pictures: number; readonly bytes: number }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly reason: string };

export const demoImageName = (number: number): string => `demo-${String(number + 1).padStart(7, '0')}.jpg`;
/** A name that this command writes, whole or not; its number counts from 0. */
export function demoImageNumber(name: string): { readonly number: number; readonly whole: boolean } | null {
  const match = /^demo-(\d{7})\.jpg(\.part)?$/.exec(name);
  return match === null ? null : { number: Number(match[1]) - 1, whole: match[2] === undefined };
}
