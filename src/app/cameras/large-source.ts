const mark = '#large';

/** The engine knows a camera's large stream as a source of its own, by this name. */
export const largeSourceOf = (cameraId: string): string => `${cameraId}${mark}`;

/** The camera whose large stream the engine speaks of; null: it speaks of a camera. */
export const cameraOfLarge = (source: string): string | null =>
  source.endsWith(mark) ? source.slice(0, -mark.length) : null;
