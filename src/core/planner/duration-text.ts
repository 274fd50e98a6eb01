import { figure } from './number-text.ts';

const units: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** `50 ms`, `2 s`, `10 min`, `8 h`, `7 d`. */
export function durationText(ms: number): string {
  for (const [unitMs, unit] of units) if (ms >= unitMs) return `${figure(ms / unitMs)} ${unit}`;
  return `${figure(ms)} ms`;
}
