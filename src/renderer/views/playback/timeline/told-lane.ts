import type { Camera } from '../../../../shared/domain/camera.ts';
import type { CameraTimeline } from '../../../../shared/domain/camera-timeline.ts';
import { countsAt, gapAt, isRecordedAt, laneOf, laneOfAll, stateAt } from '../../../state/camera-lanes.ts';
import * as format from '../../../strings/format.ts';
import { words } from '../../../strings/words.ts';

const text = words.timeline;

/** What a lane tells of a moment, in lines. `cameraId` null: all cameras together. */
export function toldOf(
  timeline: CameraTimeline,
  cameras: readonly Camera[],
  cameraId: string | null,
  atMs: number,
): readonly string[] {
  const lane = cameraId === null ? laneOfAll(timeline) : laneOf(timeline, cameraId);
  if (lane === null) return [text.notTold];
  const counts = countsAt(timeline, lane, atMs);
  return [
    ...(cameraId === null ? ofAll(timeline, cameras, atMs) : ofCamera(timeline, cameraId, atMs)),
    ...(counts === null
      ? []
      : [
          text.counts(
            format.clockWithSeconds(counts.fromMs),
            format.clockWithSeconds(counts.toMs),
            counts.boxes,
            counts.sightings,
          ),
        ]),
  ];
}

function ofCamera(timeline: CameraTimeline, cameraId: string, atMs: number): readonly string[] {
  const lane = laneOf(timeline, cameraId);
  const gap = gapAt(lane, atMs);
  const state = stateAt(lane, atMs);
  const footage = isRecordedAt(lane, atMs)
    ? text.recorded
    : gap === null
      ? text.notTold
      : words.playback.notRecorded(words.playback.reasons[gap.reason]);
  if (state === null) return gap === null ? [footage] : [footage, text.unwatched];
  return [footage, state.reason === null ? text.states[state.state] : text.offlineWhy(state.reason)];
}

function ofAll({ cameras: lanes }: CameraTimeline, cameras: readonly Camera[], atMs: number): readonly string[] {
  const recorded = lanes.filter((lane) => isRecordedAt(lane, atMs)).length;
  const offline = lanes
    .filter((lane) => stateAt(lane, atMs)?.state === 'offline')
    .map(({ cameraId }) => cameras.find(({ id }) => id === cameraId)?.name ?? cameraId);
  return [
    text.recordedOf(recorded, lanes.length),
    ...(offline.length === 0 ? [] : [text.offlineOf(offline.join(', '))]),
  ];
}
