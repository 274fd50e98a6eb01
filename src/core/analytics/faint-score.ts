/**
 * Boxes of live pictures are found down to this score: those below the model's own limit only help to follow objects,
 * and are neither reported nor stored. ByteTrack goes down to 0.1, where our models find three times as many boxes of
 * nothing and follow objects no better (docs/tracking.md).
 */
export const faintScore = 0.2;
