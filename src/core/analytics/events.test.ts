import { describe, expect, test } from 'vitest';
import type { Box } from '../../shared/domain/detection.ts';
import { followEvents, noEvents, type EventChange } from './events.ts';
import { createTracker, endTracks, track } from './tracker.ts';

const groups = Int32Array.of(0);
const options = { groups, frameIntervalMs: 200 };
/** Strolls at 20 px a second. */
const strolling = (picture: number): Box => [100 + 4 * picture, 80, 40, 100];

/** A camera at 5 fps; each picture is the score of the one person in it, or null. Closed after the last one. */
function changesOf(
  scores: readonly (number | null)[],
  boxAt: (picture: number) => Box = strolling,
): (EventChange & { readonly atMs: number })[] {
  let tracker = createTracker();
  let events = noEvents;
  const changes: (EventChange & { atMs: number })[] = [];
  scores.forEach((score, index) => {
    const atMs = 10_000 + 200 * index;
    const picture = track(
      tracker,
      { atMs, detections: score === null ? [] : [{ classIndex: 0, score, box: boxAt(index) }], faint: [] },
      options,
    );
    const followed = followEvents(events, picture, atMs);
    tracker = picture.state;
    events = followed.state;
    changes.push(...followed.changes.map((change) => ({ ...change, atMs })));
  });
  const { ended: left } = endTracks(tracker);
  const ended = followEvents(events, { seen: [], ended: left }, Infinity);
  expect(ended.state.open.size).toBe(0);
  return [...changes, ...ended.changes.map((change) => ({ ...change, atMs: Infinity }))];
}

describe('one person in view', () => {
  test('for a minute is one event: opened once, written every five seconds, closed once', () => {
    const changes = changesOf(Array.from({ length: 300 }, () => 0.8));
    expect(changes.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
    expect(changes.filter(({ kind }) => kind === 'closed')).toHaveLength(1);
    expect(changes.filter(({ kind }) => kind === 'updated')).toHaveLength(11);
    expect(changes.filter(({ newBest }) => newBest)).toHaveLength(1);
    expect(changes.at(-1)?.event).toEqual({
      trackId: 1,
      classIndex: 0,
      startMs: 10_000,
      endMs: 10_000 + 200 * 299,
      bestMs: 10_000,
      bestScore: 0.8,
      bestBox: strolling(0),
      frames: 300,
    });
  });

  test('gets a better picture only when it is clearly better, and at once', () => {
    const changes = changesOf([0.5, 0.52, 0.54, 0.56, 0.6, 0.7, 0.72, 0.69]);
    expect(changes.map(({ kind, newBest, event }) => [kind, newBest, event.bestScore, event.bestMs])).toEqual([
      ['opened', true, 0.52, 10_200],
      // 0.56 is no clear gain over 0.52; 0.6 is, and then 0.7.
      ['updated', true, 0.6, 10_800],
      ['updated', true, 0.7, 11_000],
      ['closed', false, 0.7, 11_000],
    ]);
  });

  test('takes at most a dozen pictures, however slowly the score climbs', () => {
    const climbing = Array.from({ length: 600 }, (_, index) => 0.4 + (0.6 * index) / 600);
    expect(changesOf(climbing).filter(({ newBest }) => newBest).length).toBeLessThanOrEqual(13);
  });

  test('who flickers is one event; who was away for longer is two', () => {
    const kinds = (scores: (number | null)[]) => changesOf(scores).map(({ kind }) => kind);
    expect(kinds([0.8, null, 0.8, null, null, null, 0.8, 0.8])).toEqual(['opened', 'closed']);
    const away = Array.from({ length: 20 }, () => null);
    expect(kinds([0.8, 0.8, ...away, 0.8, 0.8])).toEqual(['opened', 'closed', 'opened', 'closed']);
  });

  test('ends when last seen, not when given up', () => {
    const [opened, closed] = changesOf([0.8, 0.8, 0.8, ...Array.from({ length: 20 }, () => null)]);
    expect(opened?.event.endMs).toBeNull();
    expect(closed).toMatchObject({ kind: 'closed', event: { endMs: 10_400 } });
    expect(closed?.atMs).toBeGreaterThan(13_400);
  });
});

describe('what comes to rest', () => {
  const parked: Box = [300, 200, 120, 60];
  const drives =
    (from: number) =>
    (picture: number): Box =>
      picture < from ? parked : [300 + 20 * (picture - from + 1), 200, 120, 60];
  const shown = (pictures: number): (number | null)[] => Array.from({ length: pictures }, () => 0.8);
  const hidden = (pictures: number): (number | null)[] => Array.from({ length: pictures }, () => null);

  test('ends its event after ten seconds, and raises nothing while it stands, also where it flickers or is hidden', () => {
    const scores = [...shown(60), ...hidden(30), 0.8, ...hidden(20), ...shown(200), ...hidden(400), ...shown(50)];
    const changes = changesOf(scores, () => parked);
    expect(changes.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['opened', 10_200],
      ['updated', 15_200],
      ['closed', 20_000],
    ]);
  });

  test('is another event of the same track when it moves, from when it began to', () => {
    const changes = changesOf(shown(200), drives(150)).filter(({ kind }) => kind !== 'updated');
    expect(changes.map(({ kind, event }) => [kind, event.trackId])).toEqual([
      ['opened', 1],
      ['closed', 1],
      ['opened', 1],
      ['closed', 1],
    ]);
    const again = changes[2]?.event;
    // Two pictures of 20 px are not off its place yet, the third is.
    expect(again?.startMs).toBe(10_000 + 200 * 151);
    expect(changes[2]?.atMs).toBeLessThanOrEqual(10_000 + 200 * 151 + 1_000);
    expect(again?.bestMs).toBeGreaterThan(10_000 + 200 * 150);
  });
});

test('noise that is seen once makes no event', () => {
  expect(changesOf([0.9, ...Array.from({ length: 20 }, () => null)])).toEqual([]);
});
