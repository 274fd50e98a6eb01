import type { CameraStretch } from '../../shared/domain/camera.ts';
import * as format from './format.ts';

/** The words of the cameras' timeline. */
export const timeline = {
  title: 'Timeline',
  label: (span: string) =>
    `Timeline, ${span} shown. Left and right move it, plus and minus zoom, up and down choose a lane, Enter goes to the middle.`,
  range: (from: string, to: string) => `${from} – ${to}`,
  all: 'All cameras',
  choose: (name: string) => `Play ${name}`,
  everyCamera: 'A lane for each camera',
  span: 'Shown',
  spans: [
    { ms: 60_000, label: '1 min' },
    { ms: 600_000, label: '10 min' },
    { ms: 3_600_000, label: '1 h' },
    { ms: 21_600_000, label: '6 h' },
    { ms: 86_400_000, label: '1 day' },
    { ms: 604_800_000, label: '1 week' },
  ],
  earlier: 'Earlier',
  later: 'Later',
  zoomIn: 'Closer',
  zoomOut: 'Wider',
  now: 'Now',
  nowHint: 'The right edge is the present and goes with it',
  ruler: 'Drag to look through the footage',
  loading: 'Loading …',
  failed: 'The timeline could not be loaded.',
  stale: 'What you see may be old.',
  recorded: 'Recorded',
  recordedOf: (recorded: number, all: number) => `${format.count(recorded)} of ${format.count(all)} cameras recorded`,
  offlineOf: (names: string) => `Offline: ${names}`,
  notTold: 'Nothing is known of this moment yet',
  states: { live: 'Online', frozen: 'Frozen picture', offline: 'Offline' } satisfies Record<
    CameraStretch['state'],
    string
  >,
  offlineWhy: (why: string) => `Offline: ${why}`,
  unwatched: 'Switched off, or Nightshift was not running',
  counts: (from: string, to: string, boxes: number, sightings: number) =>
    `${from}–${to}: ${format.counted(boxes, 'box', 'boxes')}, ${format.counted(sightings, 'sighting', 'sightings')} began`,
  legend: {
    bars: 'boxes found',
    mark: 'a sighting began',
    recorded: 'recorded',
    kept: 'kept',
    gap: 'not recorded',
    live: 'online',
    frozen: 'frozen picture',
    offline: 'offline',
  },
  moment: 'Go to a moment',
  go: 'Go',
  goesTo: (moment: string) => `Goes to ${moment}`,
  nearestFootage: 'Nearest footage',
  before: (at: string) => `Before: ${at}`,
  after: (at: string) => `After: ${at}`,
  nearestResults: 'What was seen nearest to it',
  noResults: 'Nothing was seen by this camera.',
  seenAt: (label: string, at: string) => `${label}, ${at}`,
  allResults: 'Results around this moment',
};
