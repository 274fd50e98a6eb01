import type { JobEstimate } from '../../shared/contract/calls.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import { enumerateItems } from './enumerate.ts';

const COUNT_LIMIT = 200_000;
const TIME_LIMIT_MS = 2_000;
/** A video's length is not known before it is opened: this many bytes a second is a camera's usual H.264. */
const VIDEO_BYTES_PER_SECOND = 500_000;

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
    for await (const items of enumerateItems({
      paths: spec.paths,
      recursive: spec.recursive,
      signal,
      unreadable: () => undefined, // the scan itself will tell
    })) {
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
  const frames = pictures + (videoBytes / VIDEO_BYTES_PER_SECOND) * spec.fps;
  return { pictures, videos, bytes, expectedMs: msPerFrame === null ? null : Math.round(frames * msPerFrame), more };
}
