import type { Box, Detection } from '../../../shared/domain/detection.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { overlapOf } from '../box-overlap.ts';
import { faintScore } from '../faint-score.ts';
import type { KnownPicture } from './followed.ts';
import type { Placed } from './mot-metrics.ts';

export interface SceneOptions {
  readonly seed: number;
  readonly fps: number;
  readonly seconds: number;
}

const width = 640;
const height = 480;
const walkers = 6;
/** Posts of this width stand in front: who walks behind one at 60 to 90 px a second is hidden for 0.5 to 2 s. */
const posts: readonly { readonly x: number; readonly width: number }[] = [
  { x: 150, width: 90 },
  { x: 400, width: 160 },
];
const reportedScore = 0.5;
const suppressedOverlap = 0.5;
const leastVisible = 1 / 3;
/** Below, a detector sees nothing. */
const leastFound = 0.15;

interface Object {
  readonly id: number;
  readonly boxAt: (seconds: number) => Box;
  /** How well a detector knows it when it is in full view. */
  readonly clarity: number;
  /** Stretches in which it is not found, whatever is seen of it. */
  readonly blind: readonly (readonly [from: number, to: number])[];
}

/**
 * Six walkers who cross each other and go behind posts, and two parked things whose scores lie about the threshold.
 * Boxes are noisy, one in twelve is missed or faint, each object is missed for 0.5 to 1.5 s now and then, and there are
 * boxes of nothing. The same seed gives the same objects at every rate.
 */
export function syntheticScene({ seed, fps, seconds }: SceneOptions): KnownPicture[] {
  const objects = objectsOf(seed, seconds);
  const random = seededRandom(seed * 1000 + Math.round(fps));
  const normal = (): number => random() + random() + random() + random() + random() + random() - 3;
  return Array.from({ length: Math.floor(seconds * fps) }, (_, frame): KnownPicture => {
    const at = frame / fps;
    // Nearer ones, whose feet stand lower in the picture, hide those behind them.
    const placed = objects
      .map((object) => ({ object, box: object.boxAt(at) }))
      .sort((a, b) => b.box[1] + b.box[3] - (a.box[1] + a.box[3]));
    const truth: Placed[] = [];
    const found: Detection[] = [];
    placed.forEach(({ object, box }, index) => {
      const seen = visibleShare(
        box,
        placed.slice(0, index).map((other) => other.box),
      );
      if (seen >= leastVisible) truth.push({ id: object.id, box });
      const isBlind = object.blind.some(([from, to]) => at >= from && at < to);
      const slip = random();
      const score = object.clarity * seen ** 0.7 * (slip < 1 / 12 ? 0.45 : 1) + 0.11 * normal();
      const noise = 0.025 + 0.05 * (1 - seen);
      const noisy = box.map((side, at) => side + noise * normal() * (at % 2 === 0 ? box[2] : box[3]));
      if (isBlind || seen < leastFound || slip < 1 / 24) return;
      found.push({ classIndex: 0, score: Math.min(0.99, score), box: noisy as unknown as Box });
    });
    if (random() < 0.2) {
      const box: Box = [random() * (width - 40), random() * (height - 100), 30 + 30 * random(), 70 + 50 * random()];
      found.push({ classIndex: 0, score: 0.1 + 0.5 * random(), box });
    }
    const kept = suppressed(found);
    return {
      atMs: at * 1000,
      truth,
      detections: kept.filter(({ score }) => score >= reportedScore),
      faint: kept.filter(({ score }) => score < reportedScore && score >= faintScore),
    };
  });
}

function objectsOf(seed: number, seconds: number): Object[] {
  const random = seededRandom(seed);
  const blind = (): [number, number][] => {
    const stretches: [number, number][] = [];
    for (let from = 20 * random(); from < seconds; from += 10 + 20 * random())
      stretches.push([from, from + 0.5 + random()]);
    return stretches;
  };
  const walking = Array.from({ length: walkers }, (_, index): Object => {
    const size = { width: 34 + 12 * random(), height: 90 + 30 * random() };
    const room = width - size.width;
    const speed = 60 + 30 * random();
    const phase = 2 * room * random();
    const top = 60 + 240 * random();
    const sway = { pixels: 30 * random(), seconds: 6 + 6 * random() };
    return {
      id: index + 1,
      clarity: 0.75 + 0.15 * random(),
      blind: blind(),
      boxAt: (at) => {
        const way = (phase + speed * at) % (2 * room);
        const y = top + sway.pixels * Math.sin((2 * Math.PI * at) / sway.seconds);
        return [way < room ? way : 2 * room - way, y, size.width, size.height];
      },
    };
  });
  const parked = [0, 1].map((index): Object => {
    const box: Box = [20 + 480 * index, 20 + 20 * random(), 110, 50];
    return { id: walkers + 1 + index, clarity: 0.5 + 0.06 * random(), blind: blind(), boxAt: () => box };
  });
  return [...walking, ...parked];
}

/** Of a box, what neither posts nor nearer boxes cover, counted in its columns and rows of tenths. */
function visibleShare([x, y, w, h]: Box, nearer: readonly Box[]): number {
  const steps = 10;
  let seen = 0;
  for (let column = 0; column < steps; column++) {
    const px = x + (w * (column + 0.5)) / steps;
    if (posts.some((post) => px >= post.x && px < post.x + post.width && h > w)) continue;
    for (let row = 0; row < steps; row++) {
      const py = y + (h * (row + 0.5)) / steps;
      if (!nearer.some(([left, top, wide, tall]) => px >= left && px < left + wide && py >= top && py < top + tall))
        seen++;
    }
  }
  return seen / steps ** 2;
}

/** As the engine does it: the best of boxes that overlap stays. */
function suppressed(found: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const one of [...found].sort((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlapOf(box, one.box) <= suppressedOverlap)) kept.push(one);
  }
  return kept;
}
