import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box, Detection } from '../../shared/domain/detection.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { createTracker, endTracks, track, type TrackedPicture, type TrackerState } from './tracker.ts';

const person = 0;
const car = 1;
const truck = 2;
/** Cars and trucks are one group. */
const groups = Int32Array.of(0, 1, 1);

const seen = (box: Box, classIndex = person, score = 0.8): Detection => ({ classIndex, score, box });

/** Runs pictures of one camera; each is its time and what was found. */
function follow(
  pictures: readonly (readonly [atMs: number, detections: readonly Detection[], faint?: readonly Detection[]])[],
  frameIntervalMs: number,
  start: TrackerState = createTracker(),
): TrackedPicture[] {
  let state = start;
  return pictures.map(([atMs, detections, faint = []]) => {
    const picture = track(state, { atMs, detections, faint }, { groups, frameIntervalMs });
    state = picture.state;
    return picture;
  });
}

const idsOf = (pictures: readonly TrackedPicture[]): (number | null)[] =>
  pictures.flatMap(({ trackIds }) => [...trackIds]);

describe('one object', () => {
  test.each([1, 2, 5, 15, 30])('standing in view for a minute at %i fps is one track', (fps) => {
    const pictures = Array.from(
      { length: 60 * fps },
      (_, index) => [(1000 * index) / fps, [seen([100 + (index % 3), 80, 40, 100])]] as const,
    );
    const ids = idsOf(follow(pictures, 1000 / fps));
    expect(ids[0]).toBeNull();
    expect(new Set(ids.slice(1))).toEqual(new Set([1]));
  });

  test.each([2, 5, 15])('walking through the picture at %i fps is one track', (fps) => {
    // 60 px a second, 40 px wide: at 2 fps the boxes of one person hardly touch.
    const pictures = Array.from(
      { length: 8 * fps },
      (_, index) => [(1000 * index) / fps, [seen([60 * (index / fps), 80, 40, 100])]] as const,
    );
    expect(new Set(idsOf(follow(pictures, 1000 / fps)).slice(1))).toEqual(new Set([1]));
  });

  test('a car that flickers, and now and then looks like a truck, is one track', () => {
    const random = seededRandom(4);
    const pictures = Array.from({ length: 300 }, (_, index) => {
      const classIndex = random() < 0.2 ? truck : car;
      const box: Box = [300 + 4 * random(), 200 + 4 * random(), 120, 60];
      return [200 * index, random() < 0.45 ? [seen(box, classIndex, 0.4 + 0.2 * random())] : []] as const;
    });
    const followed = follow(pictures, 200);
    expect(new Set(idsOf(followed).slice(1))).toEqual(new Set([1]));
    expect(followed.flatMap(({ ended }) => [...ended])).toEqual([]);
    expect(followed[299]?.state.tracks[0]?.classIndex).toBe(car);
  });

  test('is gone after three seconds of looking, also where the clock was set back by an hour meanwhile', () => {
    const hourMs = 3_600_000;
    const before = Array.from({ length: 6 }, (_, at) => [hourMs + 200 * at, [seen([100, 80, 40, 100])]] as const);
    const after = Array.from({ length: 25 }, (_, at) => [200 * at, []] as const);
    const pictures = follow([...before, ...after], 200);
    const endedAt = pictures.findIndex(({ ended }) => ended.length > 0);
    expect((endedAt - before.length + 1) * 200).toBe(3_200);
    expect(pictures.at(-1)?.state.tracks).toEqual([]);
  });

  test('is gone after three seconds of looking, and is a new one when it comes back', () => {
    const box: Box = [100, 80, 40, 100];
    const pictures = Array.from({ length: 60 }, (_, index) => {
      const isThere = index < 10 || index > 40;
      return [200 * index, isThere ? [seen(box)] : []] as const;
    });
    const followed = follow(pictures, 200);
    const lostAt = followed.findIndex(({ ended }) => ended.length > 0);
    // Last seen in picture 9; picture 25 is the first one more than 3 s later.
    expect(lostAt).toBe(25);
    expect(followed[lostAt]?.ended[0]).toMatchObject({ trackId: 1, lastSeenMs: 1_800, hits: 10 });
    expect(new Set(idsOf(followed))).toEqual(new Set([null, 1, 2]));
  });

  test('outlives five seconds in which nothing was looked at, but not a minute', () => {
    const box: Box = [100, 80, 40, 100];
    const pictureAt = (atMs: number) => [atMs, [seen(box)]] as const;
    const outage = follow([0, 200, 400, 5_400, 5_600].map(pictureAt), 200);
    expect(idsOf(outage)).toEqual([null, 1, 1, 1, 1]);
    // Something stands there again a minute later: overlap proves nothing.
    const minute = follow([0, 200, 400, 60_400, 60_600].map(pictureAt), 200);
    expect(idsOf(minute)).toEqual([null, 1, 1, null, 2]);
    expect(minute[3]?.ended.map(({ trackId, lastSeenMs }) => [trackId, lastSeenMs])).toEqual([[1, 400]]);
  });

  test.each([2, 5, 10, 30])('that walks behind something for two seconds at %i fps is one track', (fps) => {
    const pictures = Array.from({ length: 10 * fps }, (_, index) => {
      const seconds = index / fps;
      const isHidden = seconds >= 4 && seconds < 6;
      return [1000 * seconds, isHidden ? [] : [seen([20 + 50 * seconds, 80, 40, 100])]] as const;
    });
    const followed = follow(pictures, 1000 / fps);
    expect(new Set(idsOf(followed).slice(1))).toEqual(new Set([1]));
    expect(followed[5 * fps]?.state.tracks[0]?.phase).toBe('lost');
  });

  test('that is half hidden is followed by its faint boxes, which begin nothing by themselves', () => {
    const pictures = Array.from({ length: 60 }, (_, index) => {
      const box: Box = [20 + 10 * index, 80, 40, 100];
      const ghost = seen([20, 300, 40, 100], person, 0.3);
      return [200 * index, index < 5 || index > 40 ? [seen(box)] : [], [seen(box, person, 0.2), ghost]] as const;
    });
    const followed = follow(pictures, 200);
    expect(new Set(idsOf(followed).slice(1))).toEqual(new Set([1]));
    expect(followed[30]?.seen.map(({ trackId, box }) => [trackId, box[0]])).toEqual([[1, 320]]);
    expect(followed[59]?.state.nextTrackId).toBe(2);
  });

  test('is followed where pictures come as they can', () => {
    const random = seededRandom(7);
    let atMs = 0;
    const pictures = Array.from({ length: 120 }, () => {
      // A camera of 10 fps whose pictures are shed under load.
      atMs += 100 * (1 + Math.floor(6 * random() ** 3));
      return [atMs, [seen([20 + 0.06 * atMs, 80, 40, 100])]] as const;
    });
    expect(new Set(idsOf(follow(pictures, 100)).slice(1))).toEqual(new Set([1]));
  });

  test('that flashes up once is none', () => {
    const flash = [0, [seen([0, 0, 10, 10])]] as const;
    const nothing = Array.from({ length: 20 }, (_, index) => [200 * (index + 1), []] as const);
    const followed = follow([flash, ...nothing], 200);
    expect(followed.every((picture) => picture.seen.length === 0 && picture.ended.length === 0)).toBe(true);
    expect(followed[20]?.state).toMatchObject({ nextTrackId: 1, tracks: [] });
  });
});

describe('several objects', () => {
  test('that pass each other keep their tracks', () => {
    const pictures = Array.from({ length: 41 }, (_, index) => {
      const left = seen([10 * index, 100, 40, 100]);
      const right = seen([400 - 10 * index, 190, 40, 100]);
      // In whatever order the model lists them.
      return [100 * index, index % 2 === 0 ? [left, right] : [right, left]] as const;
    });
    const followed = follow(pictures, 100);
    const leftIds = followed.slice(1).map(({ trackIds }, index) => trackIds[index % 2 === 0 ? 1 : 0]);
    expect(new Set(leftIds).size).toBe(1);
  });

  test('a person in front of a car does not continue the car', () => {
    const box: Box = [100, 100, 60, 60];
    const followed = follow(
      [
        [0, [seen(box, car)]],
        [200, [seen(box, car)]],
        [400, [seen(box, person)]],
      ],
      200,
    );
    expect(idsOf(followed)).toEqual([null, 1, null]);
  });

  test('ids grow and are never given twice, and no picture has one twice', () => {
    const box = fc.tuple(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 5, max: 80 }),
      fc.integer({ min: 5, max: 80 }),
    );
    const detection = fc.record({
      classIndex: fc.nat({ max: 2 }),
      score: fc.double({ min: 0.3, max: 1, noNaN: true }),
      box,
    });
    const picture = fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.array(detection, { maxLength: 6 }));
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 40 }), fc.integer({ min: 1, max: 1_000 }), (given, firstId) => {
        let atMs = 0;
        const pictures = given.map(([stepMs, detections]) => [(atMs += stepMs), detections] as const);
        const followed = follow(pictures, 200, createTracker(firstId));
        let next = firstId;
        const ended = new Set<number>();
        for (const { trackIds, ended: removed, state } of followed) {
          const ids = trackIds.filter((id): id is number => id !== null);
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids) expect(ended.has(id)).toBe(false);
          for (const { trackId } of removed) ended.add(trackId ?? -1);
          expect(Math.max(firstId - 1, ...ids)).toBeLessThan(state.nextTrackId);
          expect(state.nextTrackId).toBeGreaterThanOrEqual(next);
          next = state.nextTrackId;
        }
        expect(follow(pictures, 200, createTracker(firstId))).toEqual(followed);
      }),
    );
  });
});

describe('what stands still', () => {
  const box: Box = [300, 200, 120, 60];
  /** At 5 fps, seen in all pictures but those of `hidden`. */
  const standing = (seconds: number, hidden: (seconds: number) => boolean = () => false) =>
    Array.from(
      { length: 5 * seconds },
      (_, index) => [200 * index, hidden(index / 5) ? [] : [seen(box, car)]] as const,
    );
  const stationaryIn = (picture: TrackedPicture | undefined): boolean[] =>
    (picture?.state.tracks ?? []).map((one) => one.standing.isStationary);

  test('is stationary after ten seconds', () => {
    const followed = follow(standing(12), 200);
    expect(stationaryIn(followed[49])).toEqual([false]);
    expect(stationaryIn(followed[50])).toEqual([true]);
  });

  test('is the same object when it was hidden for four minutes, and another one after six', () => {
    const hiddenFor = (minutes: number) =>
      follow(
        standing(20 + 60 * minutes, (at) => at > 15 && at < 15 + 60 * minutes),
        200,
      );
    expect(new Set(idsOf(hiddenFor(4)).slice(1))).toEqual(new Set([1]));
    const [gone] = hiddenFor(6).flatMap(({ ended }) => [...ended]);
    expect(gone).toMatchObject({ trackId: 1, lastSeenMs: 15_000 });
  });

  test('does not wander off with somebody who walks past it', () => {
    const followed = follow(
      standing(30).map(([atMs, detections], index) => {
        const walker = seen([60 * (index / 5) - 600, 190, 40, 100], car);
        return [atMs, index > 50 ? [...detections, walker] : detections] as const;
      }),
      200,
    );
    expect(new Set(followed.slice(1).map(({ trackIds }) => trackIds[0]))).toEqual(new Set([1]));
    expect(followed[149]?.state.tracks[0]?.standing.isStationary).toBe(true);
  });

  test('no more than 64 places are remembered', () => {
    const places = Array.from({ length: 80 }, (_, index) =>
      seen([50 * (index % 10), 50 * Math.floor(index / 10), 30, 30]),
    );
    const followed = follow(
      Array.from({ length: 60 }, (_, index) => [200 * index, places] as const),
      200,
    );
    expect(followed[50]?.ended).toHaveLength(16);
    expect(followed[50]?.state.tracks).toHaveLength(64);
  });
});

test('a camera that is closed ends its confirmed tracks', () => {
  const box: Box = [0, 0, 10, 10];
  const [, second] = follow(
    [
      [0, [seen(box)]],
      [200, [seen(box), seen([50, 50, 10, 10])]],
    ],
    200,
  );
  const { state, ended } = endTracks(second?.state ?? createTracker());
  expect(ended.map(({ trackId }) => trackId)).toEqual([1]);
  expect(state).toMatchObject({ nextTrackId: 2, tracks: [] });
});
