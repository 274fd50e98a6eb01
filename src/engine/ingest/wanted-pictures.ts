import { Frame } from 'node-av/lib';
import { chooseWanted } from '../../core/jobs/wanted-moments.ts';
import type { WantedMoments } from '../../shared/engine/protocol.ts';
import type { TimedFrame, VideoTimeline } from './video-timeline.ts';

/** What lies further ahead is gone to by its keyframe: less is decoded as fast as it is looked for. */
const jumpMs = 5_000;
/** A jump aims so far before a moment, so that the picture before it is there too. */
const runUpMs = 500;

/**
 * The pictures nearest to the wanted moments, from moment number `from` on, in order; moments without one are left out.
 * Only what lies around them is decoded, where keyframes allow it. A picture is valid until the next is asked for.
 */
export function* wantedPictures(
  video: VideoTimeline,
  wanted: WantedMoments,
  from: number,
): Generator<{ readonly moment: number; readonly timed: TimedFrame }> {
  const kept = new Frame();
  kept.alloc();
  let before: TimedFrame | null = null;
  let reachedMs = 0;
  let mayJump = true;
  let jumpedFor = -1;
  let cursor = from;
  try {
    while (cursor < wanted.timesMs.length) {
      const aheadMs = (wanted.timesMs[cursor] as number) - runUpMs;
      if (mayJump && cursor !== jumpedFor && aheadMs - reachedMs > jumpMs) {
        mayJump = video.jump(ptsOf(video, aheadMs));
        jumpedFor = cursor;
        before = null;
      }
      const timed = video.next();
      // It led back: its keyframes are too far apart to be of use.
      if (timed !== null && before === null && timed.timeMs < reachedMs) mayJump = false;
      const { choices, cursor: next } = chooseWanted(wanted, cursor, before?.timeMs ?? null, timed?.timeMs ?? null);
      for (const { moment, picture } of choices) {
        const chosen = picture === 'before' ? before : timed;
        if (chosen !== null) yield { moment, timed: chosen };
      }
      cursor = next;
      if (timed === null) return;
      kept.unref();
      kept.ref(timed.frame);
      before = { ...timed, frame: kept };
      reachedMs = Math.max(reachedMs, timed.timeMs);
    }
  } finally {
    kept.free();
  }
}

function ptsOf(video: VideoTimeline, timeMs: number): number {
  const { numerator, denominator } = video.facts.timeBase;
  return video.startPts + Math.floor((timeMs * denominator) / (1000 * numerator));
}
