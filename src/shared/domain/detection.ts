/** A box in pixels of the source picture: left, top, width, height. Rounded to 0.01 px where it is stored. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** One box found in one frame. `score` is 0..1, rounded to 0.0001 where it is stored. */
export interface Detection {
  readonly classIndex: number;
  readonly score: number;
  readonly box: Box;
}

/** What was found in one live picture: what is reported, and what is too uncertain for that but helps to follow objects. */
export interface FoundBoxes {
  readonly detections: readonly Detection[];
  readonly faint: readonly Detection[];
}

/** A detection of a live camera with the track it belongs to; `trackId` is null until the track is confirmed. */
export interface TrackedDetection extends Detection {
  readonly label: string;
  readonly trackId: number | null;
  /** Its object has stood still for a while: nothing to be alarmed about until it moves. */
  readonly isStationary: boolean;
}
