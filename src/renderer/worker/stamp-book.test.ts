import { describe, expect, it } from 'vitest';
import { StampBook } from './stamp-book.ts';

const stamp = (timestampUs: number) => ({ timestampUs, capturedAtMs: 1_000_000 + timestampUs, analysed: false });

describe('StampBook', () => {
  it('a frame whose time is known is ready at once', () => {
    const book = new StampBook<string>();
    expect(book.addStamp(stamp(40))).toEqual({ ready: [], lost: [] });
    expect(book.addFrame(40, 'a')).toEqual({ ready: [{ frame: 'a', stamp: stamp(40) }], lost: [] });
    expect(book.addFrame(40, 'again').ready).toEqual([]);
  });

  it('a frame that comes first waits for its time', () => {
    const book = new StampBook<string>();
    expect(book.addFrame(40, 'a')).toEqual({ ready: [], lost: [] });
    expect(book.addFrame(80, 'b')).toEqual({ ready: [], lost: [] });
    expect(book.addStamp(stamp(40)).ready).toEqual([{ frame: 'a', stamp: stamp(40) }]);
    expect(book.addStamp(stamp(80)).ready).toEqual([{ frame: 'b', stamp: stamp(80) }]);
    expect(book.lost).toBe(0);
  });

  it('a frame that the host passed over is lost as soon as a later time comes', () => {
    const book = new StampBook<string>();
    book.addFrame(40, 'a');
    book.addFrame(80, 'b');
    expect(book.addStamp(stamp(80))).toEqual({ ready: [{ frame: 'b', stamp: stamp(80) }], lost: ['a'] });
    expect(book.lost).toBe(1);
  });

  it('holds few frames: the oldest is given up', () => {
    const book = new StampBook<string>();
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) expect(book.addFrame(index, name).lost).toEqual([]);
    expect(book.addFrame(4, 'e')).toEqual({ ready: [], lost: ['a'] });
    expect(book.clear()).toEqual(['b', 'c', 'd', 'e']);
  });

  it('holds few times: those of frames that never came go', () => {
    const book = new StampBook<string>();
    for (let at = 0; at < 200; at++) book.addStamp(stamp(at));
    expect(book.addFrame(10, 'old').ready).toEqual([]);
    expect(book.addFrame(199, 'new').ready).toHaveLength(1);
  });
});
