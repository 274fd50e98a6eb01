import type { JobEstimate } from '../../shared/contract/calls.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import { foundPages } from './found-pages.ts';

const COUNT_LIMIT = 200_000;
const TIME_LIMIT_MS = 2_000;
/** A video's length is not known before it is opened: this many bytes a second is a camera's usual H.264. */
const VIDEO_BYTES_PER_SECOND = 500_000;
/** As cameras usually send them. */
const PICTURES_PER_SECOND = 25;
const KEYFRAMES_PER_SECOND = 0.5;

/** The time is up; what was counted so far is the answer. */
class TimeIsUp extends Error {}

/**
 * Counts what a scan would look at, for at most 2 s or 200,000 files, and says what it takes by itself. `msPerFrame` null: nothing
 * was measured yet.
 */
export async function estimate(
  spec: JobSpec,
  msPerFrame: number | null,
  nowMonoMs: () => number,
): Promise<Omit<JobEstimate, 'besideJobs'>> {
  const giveUpAt = nowMonoMs() + TIME_LIMIT_MS;
  let pictures = 0;
  let videos = 0;
  let bytes = 0;
  let videoBytes = 0;
  let more = false;
  const signal = {
    throwIfAborted: (): void => {
      if (nowMonoMs() > giveUpAt) throw new TimeIsUp();
    },
  };
  try {
    // What is left out the scan itself will tell.
    for await (const { items } of foundPages(spec, { signal, leftOut: () => undefined })) {
      for (const item of items) {
        bytes += item.size;
        if (item.kind === 'picture') pictures += 1;
        else {
          videos += 1;
          videoBytes += item.size;
        }
      }
      more = pictures + videos > COUNT_LIMIT;
      if (more) break;
    }
  } catch (caught) {
    if (!(caught instanceof TimeIsUp)) throw caught;
    more = true;
  }
  const frames = pictures + videoFrames(spec, videoBytes / VIDEO_BYTES_PER_SECOND, videos);
  return { pictures, videos, bytes, expectedMs: msPerFrame === null ? null : Math.round(frames * msPerFrame), more };
}

/** Of so many videos of so many seconds together. */
function videoFrames({ fps, sampling, span }: JobSpec, seconds: number, videos: number): number {
  const rate =
    sampling === null ? fps : sampling === 'keyframes' ? KEYFRAMES_PER_SECOND : PICTURES_PER_SECOND / sampling.every;
  if (span === null) return seconds * rate;
  const left = Math.max(0, seconds - (videos * span.fromMs) / 1000);
  return rate * (span.toMs === null ? left : Math.min(left, (videos * (span.toMs - span.fromMs)) / 1000));
}
