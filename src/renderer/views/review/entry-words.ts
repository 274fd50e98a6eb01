import { stillPaths, type stillWidths } from '../../../shared/contract/media.ts';
import type { Box } from '../../../shared/domain/detection.ts';
import type { ReviewEntry } from '../../../shared/domain/review.ts';
import * as format from '../../strings/format.ts';
import { words } from '../../strings/words.ts';

/** An event of a camera and a detection of a scan, told alike. */
export const boxOf = (entry: ReviewEntry): Box => (entry.kind === 'event' ? entry.bestBox : entry.box);

export const scoreOf = (entry: ReviewEntry): number => (entry.kind === 'event' ? entry.bestScore : entry.score);

export const pictureOf = (entry: ReviewEntry, width: (typeof stillWidths)[number]): string =>
  entry.kind === 'event' ? stillPaths.event(entry.id, width) : stillPaths.detection(entry.id, width);

export const whereOf = (entry: ReviewEntry): string =>
  entry.kind === 'event' ? entry.cameraName : format.fileName(entry.path);

export const isVideo = (entry: ReviewEntry): boolean =>
  entry.kind === 'detection' && (entry.timeMs > 0 || entry.frame > 0);

/** The clock for a camera, the position for a video, nothing for a picture. */
export function whenOf(entry: ReviewEntry, nowMs: number): string {
  if (entry.kind === 'event') {
    const lasted = entry.endMs === null ? words.review.goingOn : words.review.lasted(entry.endMs - entry.startMs);
    return `${format.moment(entry.startMs, nowMs)} · ${lasted}`;
  }
  return isVideo(entry) ? format.mediaTime(entry.timeMs) : '';
}
