import { describe, expect, it } from 'vitest';
import { FrameMatcher } from './frame-matcher.ts';

const picture = (capturedAtMs: number, analysed: boolean, arrivedAtMs = capturedAtMs) => ({
  capturedAtMs,
  analysed,
  arrivedAtMs,
});

describe('FrameMatcher', () => {
  it('holds an analysed picture until its result is there', () => {
    const matcher = new FrameMatcher();
    matcher.addPicture(picture(1000, true));
    expect(matcher.take(1050)).toBeNull();
    matcher.addResult({ capturedAtMs: 1000 });
    expect(matcher.take(1060)).toEqual({ picture: picture(1000, true), result: { capturedAtMs: 1000 } });
    expect(matcher.isEmpty).toBe(true);
  });

  it('draws at once when the result came first', () => {
    const matcher = new FrameMatcher();
    matcher.addResult({ capturedAtMs: 1000 });
    matcher.addPicture(picture(1000, true));
    expect(matcher.take(1000)?.result).toEqual({ capturedAtMs: 1000 });
  });

  it('gives up after 250 ms and keeps the boxes of the last result', () => {
    const matcher = new FrameMatcher();
    matcher.addResult({ capturedAtMs: 800 });
    matcher.addPicture(picture(1000, true));
    expect(matcher.take(1249)).toBeNull();
    expect(matcher.take(1250)).toEqual({ picture: picture(1000, true), result: { capturedAtMs: 800 } });
  });

  it('knows from a later result that the frame was dropped, and never draws that later result early', () => {
    const matcher = new FrameMatcher();
    matcher.addResult({ capturedAtMs: 800 });
    matcher.addPicture(picture(1000, true));
    matcher.addResult({ capturedAtMs: 1200 });
    expect(matcher.take(1001)).toEqual({ picture: picture(1000, true), result: { capturedAtMs: 800 } });
  });

  it('keeps the order: pictures behind a held one wait with it', () => {
    const matcher = new FrameMatcher();
    matcher.addPicture(picture(1000, true));
    matcher.addPicture(picture(1100, false));
    expect(matcher.take(1120)).toBeNull();
    matcher.addResult({ capturedAtMs: 1000 });
    expect(matcher.take(1130)?.picture.capturedAtMs).toBe(1000);
    expect(matcher.take(1130)).toEqual({ picture: picture(1100, false), result: { capturedAtMs: 1000 } });
    expect(matcher.take(1130)).toBeNull();
  });

  it('holds every picture back for the delay that it is told', () => {
    const matcher = new FrameMatcher();
    matcher.addResult({ capturedAtMs: 1000 });
    matcher.addPicture(picture(1000, true));
    matcher.addPicture(picture(1040, false));
    expect(matcher.take(1059, 60)).toBeNull();
    expect(matcher.take(1060, 60)?.picture.capturedAtMs).toBe(1000);
    expect(matcher.take(1099, 60)).toBeNull();
    expect(matcher.take(1100, 60)?.picture.capturedAtMs).toBe(1040);
  });

  it('is bounded: the oldest makes room and is handed back', () => {
    const matcher = new FrameMatcher({ maxWaiting: 2 });
    expect(matcher.addPicture(picture(1, true))).toBeNull();
    expect(matcher.hasRoom).toBe(true);
    expect(matcher.addPicture(picture(2, false))).toBeNull();
    expect(matcher.hasRoom).toBe(false);
    expect(matcher.addPicture(picture(3, false))?.capturedAtMs).toBe(1);
    expect(matcher.clear().map((p) => p.capturedAtMs)).toEqual([2, 3]);
    expect(matcher.isEmpty).toBe(true);
  });
});
