import type { TimeWindow } from '../state/time-window.ts';
import * as format from '../strings/format.ts';

export interface Tick {
  readonly atMs: number;
  readonly label: string;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const stepsMs = [
  ...[100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12, 24, 48].map((n) => n * hour),
];
const dayMs = 24 * hour;

/** Round moments of the local clock, as many as have room at `pixelsEach`. */
export function ticksOf({ fromMs, toMs }: TimeWindow, width: number, pixelsEach = 84): readonly Tick[] {
  const most = Math.max(1, width / pixelsEach);
  const step = stepsMs.find((ms) => (toMs - fromMs) / ms <= most) ?? 2 * dayMs;
  const offsetMs = new Date(fromMs).getTimezoneOffset() * minute;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((fromMs - offsetMs) / step) * step + offsetMs; at <= toMs; at += step) {
    // Behind a change of the clock round hours lie elsewhere.
    const atMs = step >= hour ? at + (new Date(at).getTimezoneOffset() * minute - offsetMs) : at;
    const isNew = atMs > (ticks[ticks.length - 1]?.atMs ?? -Infinity);
    if (isNew && atMs >= fromMs && atMs <= toMs) ticks.push({ atMs, label: labelOf(atMs, step) });
  }
  return ticks;
}

/** Midnight is told by its day. */
function labelOf(atMs: number, stepMs: number): string {
  if (stepMs >= hour && new Date(atMs).getHours() === 0) return format.day(atMs);
  if (stepMs >= minute) return format.clock(atMs);
  const seconds = format.clockWithSeconds(atMs);
  return stepMs >= second ? seconds : `${seconds}.${String(Math.floor((atMs % second) / 100))}`;
}
