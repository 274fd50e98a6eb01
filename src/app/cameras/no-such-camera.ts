import { NightshiftError } from '../../shared/errors.ts';

export const noSuchCamera = (cameraId: string): NightshiftError =>
  new NightshiftError({
    kind: 'not-found',
    message: 'There is no such camera.',
    where: cameraId,
    hint: 'See `nightshift cameras` or the Cameras view.',
  });
