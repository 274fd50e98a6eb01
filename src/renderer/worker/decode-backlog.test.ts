import { describe, expect, it } from 'vitest';
import { DecodeBacklog } from './decode-backlog.ts';

interface Numbered {
  readonly isKey: boolean;
  readonly n: number;
}

/** `k` a keyframe, `d` another packet; numbered from `first`. */
function add(backlog: DecodeBacklog<Numbered>, kinds: string, first: number): void {
  for (const [index, kind] of [...kinds].entries()) backlog.add({ isKey: kind === 'k', n: first + index });
}

function rest(backlog: DecodeBacklog<Numbered>): number[] {
  const numbers: number[] = [];
  for (let next = backlog.next(); next !== null; next = backlog.next()) numbers.push(next.n);
  return numbers;
}

describe('DecodeBacklog', () => {
  it('begins at a keyframe; what came before it is no loss', () => {
    const backlog = new DecodeBacklog<Numbered>();
    add(backlog, 'ddkdd', 0);
    expect(rest(backlog)).toEqual([2, 3, 4]);
    expect(backlog.leftOut).toBe(0);
  });

  it('keeps everything while there is room', () => {
    const backlog = new DecodeBacklog<Numbered>(4);
    add(backlog, 'kddd', 0);
    expect(backlog.waiting).toBe(4);
    expect(rest(backlog)).toEqual([0, 1, 2, 3]);
  });

  it('full, it goes on at the newest keyframe that it holds', () => {
    const backlog = new DecodeBacklog<Numbered>(4);
    add(backlog, 'kddkd', 0);
    expect(rest(backlog)).toEqual([3, 4]);
    expect(backlog.leftOut).toBe(3);
  });

  it('full without a keyframe behind the first, it waits for the next one and counts what passes', () => {
    const backlog = new DecodeBacklog<Numbered>(4);
    add(backlog, 'kdddd', 0);
    expect(backlog.waiting).toBe(0);
    add(backlog, 'ddkd', 5);
    expect(rest(backlog)).toEqual([7, 8]);
    expect(backlog.leftOut).toBe(7);
  });

  it('begins at a keyframe again after a restart', () => {
    const backlog = new DecodeBacklog<Numbered>();
    add(backlog, 'kd', 0);
    backlog.restart();
    add(backlog, 'dkd', 2);
    expect(rest(backlog)).toEqual([3, 4]);
    expect(backlog.leftOut).toBe(3);
  });
});
