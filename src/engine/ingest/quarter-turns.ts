/** Clockwise quarter turns that a container asks for before its pictures are shown (phones held upright: 1 or 3). */
export type QuarterTurns = 0 | 1 | 2 | 3;

/**
 * Reads a display matrix (nine int32, 16.16 fixed point, row by row; FFmpeg's AV_PKT_DATA_DISPLAYMATRIX): the first row
 * says where the x axis goes. Anything but quarter turns is shown as it is stored.
 */
export function turnOf(matrix: Uint8Array | null): QuarterTurns {
  if (matrix === null || matrix.byteLength < 36) return 0;
  const view = new DataView(matrix.buffer, matrix.byteOffset, matrix.byteLength);
  const a = Math.round(view.getInt32(0, true) / 65536);
  const b = Math.round(view.getInt32(4, true) / 65536);
  if (a === 0 && b === 1) return 1;
  if (a === -1 && b === 0) return 2;
  if (a === 0 && b === -1) return 3;
  return 0;
}

/** RGB rows of `width` × `height` turned clockwise. @returns tightly packed rows of the turned picture. */
export function turnRgb(
  rows: Uint8Array,
  strideBytes: number,
  width: number,
  height: number,
  turns: QuarterTurns,
): Uint8Array {
  const turned = new Uint8Array(width * height * 3);
  // Where the top left pixel goes, and the steps in the result for one pixel to the right and one row down.
  const [first, right, down] =
    turns === 1
      ? [(height - 1) * 3, height * 3, -3]
      : turns === 2
        ? [(width * height - 1) * 3, -3, -width * 3]
        : turns === 3
          ? [(width - 1) * height * 3, -height * 3, 3]
          : [0, 3, width * 3];
  for (let y = 0; y < height; y++) {
    for (let x = 0, from = y * strideBytes, to = first + y * down; x < width; x++, from += 3, to += right) {
      turned[to] = rows[from] ?? 0;
      turned[to + 1] = rows[from + 1] ?? 0;
      turned[to + 2] = rows[from + 2] ?? 0;
    }
  }
  return turned;
}
