import type { GapReason } from '../../shared/domain/recording.ts';
import type { PreviewReason } from '../state/tile-wish.ts';
import type { StreamFigures } from '../worker/messages.ts';
import * as format from './format.ts';
import { playback } from './en-playback.ts';

/** As operators call them. */
const codecNames: Readonly<Record<string, string>> = { h264: 'H.264', hevc: 'H.265', mjpeg: 'MJPEG', mpeg4: 'MPEG-4' };
const codecName = (codec: string): string => codecNames[codec] ?? codec;

/** The words of the wall: its windows, its order, and what an enlarged tile shows. */
export const wall = {
  group: 'Group',
  allGroups: 'All groups',
  newWindow: 'Open the wall in a new window (W)',
  newWindowBlocked: 'The browser did not open the window. Allow pop-ups for this address and try again.',
  tooManyWindows: 'There are as many windows of the wall as there may be.',
  moved: (name: string, place: number, all: number) =>
    `${name} is now at place ${format.count(place)} of ${format.count(all)}`,
  shortcuts: {
    focus: 'Next tile in that direction',
    move: 'Move the tile in that direction',
    newWindow: 'Open the wall in a new window',
  },
  age: (ms: number | null) => {
    if (ms === null) return '–';
    return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : format.duration(ms);
  },
  ageExplained: (ms: number | null) =>
    ms === null
      ? 'No picture is shown yet.'
      : `The newest picture shown was captured ${format.milliseconds(ms)} before this was last counted.`,
  streamExplained: ({ shownFps, leftOut }: StreamFigures) =>
    `The camera’s own pictures: ${format.count(shownFps)} shown in the last second, ${format.count(leftOut)} left out so far because decoding did not keep up.`,
  stream: ({ width, height, shownFps }: StreamFigures) =>
    `${String(width)} × ${String(height)} · ${format.count(shownFps)} fps`,
  untilKeyframe: 'Previews until its next keyframe',
  untilKeyframeExplained:
    'The camera’s own pictures can be decoded from its next whole one on. How often it sends one is a setting of the camera, mostly every one to four seconds.',
  previewReason: (reason: PreviewReason): string => {
    switch (reason.kind) {
      case 'drawn':
        return 'Drawn here: previews are all there is';
      case 'single-pictures':
        return 'MJPEG: previews, up to 10 a second';
      case 'codec-unknown':
        return `${codecName(reason.codec)} is not passed on: previews`;
      case 'refused':
        switch (reason.refusal.kind) {
          case 'codec':
            return `${codecName(reason.codec)} is not decoded by this browser: previews`;
          case 'no-decoder':
            return 'This browser has no video decoder for pages: previews';
          case 'failed':
            return `${codecName(reason.codec)} could not be decoded here: previews`;
        }
    }
  },
  recording: 'REC',
  recordingNow: 'It is being recorded.',
  recordingSmall: (reason: string) => `Recorded from the small stream because of the large one: ${reason}`,
  notRecorded: (reason: GapReason | null) =>
    reason === null ? 'Nothing is recorded right now.' : playback.notRecorded(playback.reasons[reason]),
} as const;
