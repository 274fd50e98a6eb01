import type { CameraState } from '../../shared/domain/camera.ts';

/** A state is never told by colour alone: each has a shape of its own. */
export const cameraMarks: Readonly<Record<CameraState, string>> = {
  live: '●',
  opening: '○',
  offline: '▲',
  disabled: '–',
};
export const cameraColours: Readonly<Record<CameraState, string>> = {
  live: 'text-live',
  opening: 'text-motion',
  offline: 'text-alert',
  disabled: 'text-muted',
};
