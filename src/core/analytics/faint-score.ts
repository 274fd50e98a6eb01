/**
 * Boxes of live pictures are found down to this score (ByteTrack's low threshold): those below the model's own limit
 * only help to follow objects, and are neither reported nor stored.
 */
export const faintScore = 0.1;
