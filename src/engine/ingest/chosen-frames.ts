import { chooseFrame, createChooser, gridFrom, seekPts } from '../../core/jobs/frame-choice.ts';
import type { FeedItem } from './messages.ts';
import type { VideoFacts } from './video-reader.ts';
import type { TimedFrame, VideoTimeline } from './video-timeline.ts';

/** What of a video is wanted; see `feed-item`. */
export type WantedFrames = Pick<FeedItem, 'fps' | 'sampling' | 'span' | 'startFrame'>;

/** A chosen frame is valid until the next is asked for. */
export interface ChosenFrame {
  readonly frame: number;
  readonly timed: TimedFrame;
}

/** The frames from `startFrame` on that a pass over the whole video, or over its wanted part, picks. */
export function chosenFrames(video: VideoTimeline, wanted: WantedFrames): Generator<ChosenFrame> {
  return wanted.sampling === undefined ? byTime(video, wanted) : byPlace(video, wanted);
}

/** How many there are likely to be, all in all; null: nobody can say. */
export function expectedFrames({ fps, sampling, span }: WantedFrames, facts: VideoFacts): number | null {
  if (facts.durationMs === null || sampling === 'keyframes') return null;
  const rate = sampling === undefined ? fps : facts.fps === null ? null : facts.fps / sampling.every;
  const ms = Math.min(facts.durationMs, span?.toMs ?? Infinity) - (span?.fromMs ?? 0);
  return rate === null ? null : Math.max(1, Math.ceil((ms * rate) / 1000 - 1e-6));
}

const isPast = ({ span }: WantedFrames, { timeMs }: TimedFrame): boolean =>
  span !== undefined && span.toMs !== null && timeMs >= span.toMs;

/** So many a second: see `FrameGrid`. */
function* byTime(video: VideoTimeline, wanted: WantedFrames): Generator<ChosenFrame> {
  const { fps, span, startFrame } = wanted;
  const grid = gridFrom(video.grid(fps), span?.fromMs ?? 0);
  const target = seekPts(grid, startFrame, video.startPts);
  let chooser = createChooser(startFrame, target === null || !video.jump(target));
  for (let timed = video.next(); timed !== null; timed = video.next()) {
    const choice = chooseFrame(grid, chooser, timed.pts);
    if (choice.tooLate) {
      video.rewind();
      chooser = createChooser(startFrame, true);
      continue;
    }
    if (isPast(wanted, timed)) return;
    chooser = choice.chooser;
    if (choice.frame !== null) yield { frame: choice.frame, timed };
  }
}

/**
 * By their place among the pictures. No index says how many come before a moment, so they are counted from the first one
 * that is wanted, also to go on at a cursor.
 */
function* byPlace(video: VideoTimeline, wanted: WantedFrames): Generator<ChosenFrame> {
  const { sampling, span, startFrame } = wanted;
  const every = sampling === undefined || sampling === 'keyframes' ? 1 : sampling.every;
  const fromMs = span?.fromMs ?? 0;
  const target = seekPts(gridFrom(video.grid(1), fromMs), 0, video.startPts);
  let hasJumped = target !== null && video.jump(target);
  let place = 0;
  for (let timed = video.next(); timed !== null; timed = video.next()) {
    if (hasJumped && timed.timeMs >= fromMs) {
      // It led behind the first one that is wanted: how many were passed over, nobody knows.
      video.rewind();
      hasJumped = false;
      continue;
    }
    hasJumped = false;
    if (timed.timeMs < fromMs) continue;
    if (isPast(wanted, timed)) return;
    const frame = place / every;
    place += 1;
    if (Number.isInteger(frame) && frame >= startFrame) yield { frame, timed };
  }
}
