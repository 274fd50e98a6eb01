// Prints the tables of docs/tracking.md: the tracker against the one before it.
//   node bench/tracking/table.ts
import {
  followGreedily,
  followWithByteTrack,
  type Follow,
  type KnownPicture,
} from '../../src/core/analytics/evaluation/followed.ts';
import { motFigures, type MotFigures } from '../../src/core/analytics/evaluation/mot-metrics.ts';
import {
  recordedFrameIntervalMs,
  recordedGroups,
  recordedPictures,
} from '../../src/core/analytics/evaluation/recorded-detections.ts';
import { syntheticScene } from '../../src/core/analytics/evaluation/synthetic-scene.ts';
import { patternGroups, patternScene } from '../../src/engine/testing/pattern-scene.ts';

const rates = [2, 5, 10];
const seconds = 60;
const onePerson = Int32Array.of(0);

interface Scenes {
  readonly name: string;
  readonly groups: Int32Array;
  readonly at: (fps: number) => Promise<readonly (readonly KnownPicture[])[]>;
}

const kinds: readonly Scenes[] = [
  {
    name: 'made up, 8 seeds',
    groups: onePerson,
    at: (fps) => Promise.resolve([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => syntheticScene({ seed, fps, seconds }))),
  },
  {
    name: 'tiny-colour on drawn pictures, 2 seeds',
    groups: patternGroups,
    at: (fps) => Promise.all([1, 2].map((seed) => patternScene({ seed, fps, seconds }))),
  },
];

const mean = (figures: readonly MotFigures[], of: keyof MotFigures): number =>
  figures.reduce((sum, one) => sum + one[of], 0) / figures.length;

console.log('| scene | fps | MOTA | IDF1 | id switches | tracks (objects) |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const { name, groups, at } of kinds) {
  for (const fps of rates) {
    const scenes = await at(fps);
    const figuresOf = (follow: Follow): MotFigures[] =>
      scenes.map((scene) => motFigures(follow(scene, { groups, frameIntervalMs: 1000 / fps })));
    const before = figuresOf(followGreedily);
    const now = figuresOf(followWithByteTrack);
    const cell = (of: keyof MotFigures, digits: number): string =>
      `${mean(before, of).toFixed(digits)} → ${mean(now, of).toFixed(digits)}`;
    const objects = mean(now, 'objects').toFixed(0);
    console.log(
      `| ${name} | ${String(fps)} | ${cell('mota', 2)} | ${cell('idf1', 2)} | ${cell('switches', 0)} | ${cell('tracks', 0)} (${objects}) |`,
    );
  }
}

const vehicles = new Set([2, 5, 7].map((index) => recordedGroups[index]));
const clip = recordedPictures();
const loops = Array.from({ length: 10 }, (_, loop) =>
  recordedPictures(loop * clip.length * recordedFrameIntervalMs),
).flat();
console.log('\n| campus clip | people | cars |\n| --- | --- | --- |\n| counted by hand | 9 | 2 |');
for (const [name, pictures] of [
  ['once', clip],
  ['ten times in a row', loops],
] as const) {
  const tracksOf = (follow: Follow, isVehicle: boolean): number => {
    // What is one of the other kind is nobody's detection.
    const only = pictures.map((picture) => {
      const own = ({ classIndex }: { readonly classIndex: number }): boolean =>
        vehicles.has(recordedGroups[classIndex]) === isVehicle;
      return { ...picture, detections: picture.detections.filter(own), faint: picture.faint.filter(own), truth: [] };
    });
    return motFigures(follow(only, { groups: recordedGroups, frameIntervalMs: recordedFrameIntervalMs })).tracks;
  };
  const cell = (isVehicle: boolean): string =>
    `${String(tracksOf(followGreedily, isVehicle))} → ${String(tracksOf(followWithByteTrack, isVehicle))}`;
  console.log(`| tracks, ${name} | ${cell(false)} | ${cell(true)} |`);
}

/** Ten objects that move about, as many faint boxes of nothing beside them. */
const crowd = Array.from({ length: 2_000 }, (_, frame): KnownPicture => ({
  atMs: frame * 200,
  truth: [],
  detections: Array.from({ length: 10 }, (_, index) => ({
    classIndex: 0,
    score: 0.8,
    box: [60 * index + 5 * Math.sin(frame / 5 + index), 100 + 3 * index + (frame % 7), 40, 100] as const,
  })),
  faint: Array.from({ length: 10 }, (_, index) => ({
    classIndex: 0,
    score: 0.3,
    box: [50 * index, 300, 20, 30] as const,
  })),
}));
const microsecondsOf = (follow: Follow): number => {
  const startMs = performance.now();
  follow(crowd, { groups: onePerson, frameIntervalMs: 200 });
  return ((performance.now() - startMs) * 1000) / crowd.length;
};
const runs = Array.from({ length: 9 }, () => [microsecondsOf(followGreedily), microsecondsOf(followWithByteTrack)]);
const [before = 0, now = 0] = [0, 1].map((which) => Math.min(...runs.map((run) => run[which] ?? Infinity)));
console.log(
  `\nTen objects, microseconds a picture, best of ${String(runs.length)}: ${before.toFixed(0)} → ${now.toFixed(0)} (${(now / before).toFixed(2)} times).`,
);
