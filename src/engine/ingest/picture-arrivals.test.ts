import { describe, expect, test } from 'vitest';
import { noTimestamp } from './ffmpeg.ts';
import { PictureArrivals, waitsForNext } from './picture-arrivals.ts';

describe('PictureArrivals', () => {
  test('a picture that comes when the next one begins arrived when the one before it came', () => {
    const arrivals = new PictureArrivals(true);
    expect(arrivals.packet(0n, 1000)).toEqual({ arrivedMonoMs: 1000, heldMs: 0 });
    expect(arrivals.packet(200n, 1200)).toEqual({ arrivedMonoMs: 1000, heldMs: 200 });
    // A pause of the camera: what had begun before it has waited all the time.
    expect(arrivals.packet(400n, 6200)).toEqual({ arrivedMonoMs: 1200, heldMs: 5000 });
    expect(arrivals.of(200n)).toEqual({ arrivedMonoMs: 1000, heldMs: 200 });
  });

  test('where packets come whole, each counts from itself', () => {
    const arrivals = new PictureArrivals(false);
    arrivals.packet(0n, 1000);
    expect(arrivals.packet(200n, 1200)).toEqual({ arrivedMonoMs: 1200, heldMs: 0 });
  });

  test('a picture that the decoder holds back to put it in order keeps its own arrival', () => {
    const arrivals = new PictureArrivals(false);
    for (const [pts, readMs] of [
      [0n, 0],
      [120n, 40],
      [40n, 80],
      [80n, 120],
    ] as const)
      arrivals.packet(pts, readMs);
    expect(arrivals.of(120n).arrivedMonoMs).toBe(40);
    expect(arrivals.of(40n).arrivedMonoMs).toBe(80);
  });

  test('without a time stamp of its own the newest packet counts, and of equal ones the newer', () => {
    const arrivals = new PictureArrivals(false);
    arrivals.packet(7n, 10);
    arrivals.packet(7n, 20);
    arrivals.packet(noTimestamp, 30);
    expect(arrivals.of(7n).arrivedMonoMs).toBe(20);
    expect(arrivals.of(noTimestamp).arrivedMonoMs).toBe(30);
    expect(arrivals.of(99n).arrivedMonoMs).toBe(30);
  });

  test('only what RTP carries in pieces is late', () => {
    expect(waitsForNext(true, 'h264')).toBe(true);
    expect(waitsForNext(true, 'hevc')).toBe(true);
    expect(waitsForNext(true, 'mjpeg')).toBe(false);
    expect(waitsForNext(false, 'h264')).toBe(false);
  });
});
