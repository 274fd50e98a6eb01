import { describe, expect, it } from 'vitest';
import { parseMoment } from '../state/typed-moment.ts';
import {
  bytes,
  counted,
  duration,
  fileName,
  mediaTime,
  milliseconds,
  momentToType,
  percent,
  quantiles,
} from './format.ts';

describe('format', () => {
  it('never rounds unfinished work up to 100 %, nor something down to nothing', () => {
    expect(percent(1)).toBe('100 %');
    expect(percent(0.9999)).toBe('99 %');
    expect(percent(0.0001)).toBe('<1 %');
    expect(percent(0)).toBe('0 %');
    expect(percent(0.62)).toBe('62 %');
  });

  it('shows a length of time in its two largest useful units', () => {
    expect(duration(8_200)).toBe('8 s');
    expect(duration(95_000)).toBe('1 min 35 s');
    expect(duration(21 * 60_000)).toBe('21 min');
    expect(duration(3 * 3_600_000 + 5 * 60_000)).toBe('3 h 05 min');
    expect(duration(52 * 3_600_000)).toBe('2 d 4 h');
    expect(duration(-5)).toBe('0 s');
  });

  it('keeps the unit of a latency readable', () => {
    expect(milliseconds(4.23)).toBe('4.2 ms');
    expect(milliseconds(61.4)).toBe('61 ms');
    expect(milliseconds(1437)).toBe('1.4 s');
    expect(quantiles([4.2, 18, 31])).toBe('4 / 18 / 31 ms');
    expect(quantiles([4.2, 180, 34_714])).toBe('0.0 / 0.2 / 34.7 s');
  });

  it('counts with the right noun', () => {
    expect(counted(1, 'picture', 'pictures')).toBe('1 picture');
    expect(counted(12_400, 'picture', 'pictures')).toBe('12,400 pictures');
  });

  it('shows bytes in steps of a thousand', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(999)).toBe('999 B');
    expect(bytes(1_500)).toBe('1.5 kB');
    expect(bytes(999_600)).toBe('1 MB');
    expect(bytes(812_000_000)).toBe('812 MB');
  });

  it('shows positions in a video and the last part of a path', () => {
    expect(mediaTime(751_999)).toBe('00:12:31');
    expect(fileName('/night/yard-10.mp4')).toBe('yard-10.mp4');
    expect(fileName('C:\\night\\')).toBe('night');
  });

  it('shows a moment so that it can be typed', () => {
    const nowMs = new Date(2026, 10, 24, 14, 30).getTime();
    for (const [at, typed] of [
      [new Date(2026, 10, 24, 2, 14), '2026-11-24 02:14'],
      [new Date(2025, 0, 3, 23, 5, 9), '2025-01-03 23:05:09'],
    ] as const) {
      expect(momentToType(at.getTime())).toBe(typed);
      expect(parseMoment(typed, nowMs)).toEqual({ ok: true, atMs: at.getTime() });
    }
  });
});
