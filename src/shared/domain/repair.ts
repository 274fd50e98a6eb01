import { gapReasons, gapWords } from './recording.ts';

/** Why a frame that was shed live cannot be analysed from the footage any more. */
export const notRepairableReasons = [
  ...gapReasons,
  'no-picture', // the footage has no picture of that moment
  'unreadable',
  'model-changed', // the results would not be those of the model that the camera had then
  'crashes-engine',
  'backlog-full',
  'camera-removed',
] as const;
export type NotRepairableReason = (typeof notRepairableReasons)[number];

/** Reads after "12 cannot be analysed any more: ". */
const notRepairableWords: Readonly<Record<NotRepairableReason, string>> = {
  ...gapWords,
  'no-picture': 'the footage has no picture of that moment',
  unreadable: 'the footage could not be read',
  'model-changed': 'the model is not the one of then',
  'crashes-engine': 'the frame ended the engine twice',
  'backlog-full': 'more was waiting than is kept',
  'camera-removed': 'the camera was removed',
};

/** In words; of a reason that an other version wrote, the reason itself. */
export const notRepairableText = (why: string): string =>
  Object.hasOwn(notRepairableWords, why) ? notRepairableWords[why as NotRepairableReason] : why;

/** What became of the frames of a recorded camera that were not analysed live. shed = repaired + left + the sum of `lost`. */
export interface ShedCounts {
  readonly shed: number;
  /** Analysed afterwards, from the footage. */
  readonly repaired: number;
  /** What was found in those. */
  readonly boxes: number;
  /** Still to be repaired. */
  readonly left: number;
  /** Most frequent first. */
  readonly lost: readonly { readonly why: string; readonly frames: number }[];
}

const nothingShed: ShedCounts = { shed: 0, repaired: 0, boxes: 0, left: 0, lost: [] };

/** The counts alone. */
export const shedOf = ({ shed, repaired, boxes, left, lost }: ShedCounts = nothingShed): ShedCounts => ({
  shed,
  repaired,
  boxes,
  left,
  lost,
});

/** One camera's shed frames of the last day, and older ones that are still to be repaired. */
export interface CameraRepair extends ShedCounts {
  readonly cameraId: string;
  /** Whole minutes, [fromMs, toMs), that hold them. */
  readonly fromMs: number;
  readonly toMs: number;
}

export const lostFrames = ({ lost }: ShedCounts): number => lost.reduce((sum, { frames }) => sum + frames, 0);

/** `3 cannot be repaired: the camera was offline (2), the footage could not be read (1)`; empty where there are none. */
export function lostText(counts: ShedCounts): string {
  const lost = lostFrames(counts);
  if (lost === 0) return '';
  const reasons = counts.lost.map(({ why, frames }) => `${notRepairableText(why)} (${String(frames)})`);
  return `${String(lost)} cannot be repaired: ${reasons.join(', ')}`;
}

/** `120 frames not analysed live: 100 repaired (8 found), 17 still to repair, 3 cannot be repaired: …`. */
export function shedText(counts: ShedCounts): string {
  const { shed, repaired, boxes, left } = counts;
  const parts = [
    `${String(repaired)} repaired${boxes > 0 ? ` (${String(boxes)} found)` : ''}`,
    ...(left > 0 ? [`${String(left)} still to repair`] : []),
    ...(counts.lost.length > 0 ? [lostText(counts)] : []),
  ];
  return `${String(shed)} ${shed === 1 ? 'frame' : 'frames'} not analysed live: ${parts.join(', ')}`;
}

interface CountedState {
  readonly state: 'open' | 'repaired' | 'lost';
  readonly why: string;
  readonly frames: number;
  readonly boxes: number;
}

/** Counts by state, of one camera or of a stretch of it, added up. */
export function shedCounts(rows: readonly CountedState[]): ShedCounts {
  const sum = (state: CountedState['state']): number =>
    rows.reduce((total, row) => total + (row.state === state ? row.frames : 0), 0);
  const lost = new Map<string, number>();
  for (const { state, why, frames } of rows) {
    if (state === 'lost') lost.set(why, (lost.get(why) ?? 0) + frames);
  }
  const [repaired, left] = [sum('repaired'), sum('open')];
  return {
    shed: repaired + left + sum('lost'),
    repaired,
    boxes: rows.reduce((total, { state, boxes }) => total + (state === 'repaired' ? boxes : 0), 0),
    left,
    lost: [...lost]
      .map(([why, frames]) => ({ why, frames }))
      .sort((a, b) => b.frames - a.frames || (a.why < b.why ? -1 : 1)),
  };
}
