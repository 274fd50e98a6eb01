import type { KnownPicture } from '../../core/analytics/evaluation/followed.ts';
import { seededRandom } from '../../core/testing/seeded-random.ts';
import { machineClock } from '../ingest/clock.ts';
import { drawTestPattern, testRectangles, type TestPattern, type TestRectangle } from '../ingest/test-pattern.ts';
import { Slot } from '../slot.ts';
import { FramesInHand } from './frames-in-hand.ts';
import { shippedModel } from './shipped-model.ts';

const size = { width: 320, height: 240 };
const grey = 114;
/** Stands before the rectangles: a lamp post in the middle of each column. */
const post = { width: 14 } as const;
const leastVisible = 1 / 3;

/** Of the pattern's colours, each a class of its own. */
export const patternGroups = Int32Array.of(0, 1, 2);

/**
 * The test camera's moving rectangles as the real tiny model finds them, and where they are. Each is hidden for 0.5 to
 * 2 s now and then, and passes behind posts that cut it in two.
 */
export async function patternScene(options: {
  readonly seed: number;
  readonly fps: number;
  readonly seconds: number;
}): Promise<KnownPicture[]> {
  const { seed, fps, seconds } = options;
  const pattern: TestPattern = { ...size, fps, seed, rectangles: 6, burst: 1 };
  const frames = new FramesInHand();
  const slot = new Slot(
    frames,
    { drain: () => ({ tickets: [], lost: [] }) },
    { providers: ['cpu'], intraOpThreads: 1 },
    machineClock,
  );
  const model = shippedModel('tiny-colour');
  await slot.load({ type: 'load-model', ...model });
  const hidden = hiddenStretches(pattern.rectangles, seed, seconds);
  const { score, iou } = model.manifest;
  const pictures: KnownPicture[] = [];
  for (let frame = 0; frame < Math.floor(seconds * fps); frame++) {
    const bytes = new Uint8Array(size.width * size.height * 3);
    const rectangles = testRectangles(pattern, frame);
    drawTestPattern(pattern, frame, bytes);
    rectangles.forEach((rectangle, index) => {
      if (isHidden(hidden[index], frame / fps)) cover(bytes, rectangle);
    });
    for (const x of postsAt) cover(bytes, { x, y: 0, width: post.width, height: size.height });
    const whole = { ...size, scale: 1, offsetX: 0, offsetY: 0, sourceWidth: size.width, sourceHeight: size.height };
    const answer = await slot.run(
      {
        type: 'run',
        batchId: frame,
        modelId: model.modelId,
        lane: 'live',
        input: size,
        frameIds: frames.hold({ bytes, ...whole }),
        post: { score, iou, classes: null },
      },
      machineClock.monoMs(),
    );
    if (answer.type !== 'done') throw new Error(answer.message);
    const [found] = answer.results;
    pictures.push({
      atMs: (1000 * frame) / fps,
      detections: found?.detections ?? [],
      faint: found?.faint ?? [],
      truth: rectangles.flatMap((rectangle, index) => {
        const { x, y, width, height } = rectangle;
        if (isHidden(hidden[index], frame / fps) || visibleShare(rectangle) < leastVisible) return [];
        return [{ id: index + 1, box: [x, y, width, height] as const }];
      }),
    });
  }
  return pictures;
}

/** The columns' middles. */
const postsAt = [0, 1, 2].map((column) => Math.round(((column + 0.5) * size.width) / 3 - post.width / 2));

type Stretch = readonly [from: number, to: number];

function hiddenStretches(rectangles: number, seed: number, seconds: number): Stretch[][] {
  const random = seededRandom(seed);
  return Array.from({ length: rectangles }, () => {
    const stretches: Stretch[] = [];
    for (let from = 1 + 8 * random(); from < seconds; from += 6 + 8 * random()) {
      stretches.push([from, from + 0.5 + 1.5 * random()]);
    }
    return stretches;
  });
}

const isHidden = (stretches: readonly Stretch[] = [], at: number): boolean =>
  stretches.some(([from, to]) => at >= from && at < to);

function visibleShare({ x, width }: TestRectangle): number {
  const covered = postsAt.reduce(
    (sum, left) => sum + Math.max(0, Math.min(x + width, left + post.width) - Math.max(x, left)),
    0,
  );
  return 1 - covered / width;
}

function cover(bytes: Uint8Array, { x, y, width, height }: Omit<TestRectangle, 'colour'>): void {
  for (let line = y; line < y + height; line++) {
    bytes.fill(grey, (line * size.width + x) * 3, (line * size.width + x + width) * 3);
  }
}
