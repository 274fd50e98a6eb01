/** Null: one damaged preview; the next comes within a moment, and the age of the shown one is told by the tile. */
export async function decodeJpeg(jpeg: Uint8Array<ArrayBuffer>): Promise<ImageBitmap | null> {
  try {
    return await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
  } catch {
    return null;
  }
}
