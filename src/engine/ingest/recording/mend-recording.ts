import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs';
import { playableExtent, type PlayableExtent, type ReadBytes } from '../../../core/recording/fragments.ts';

/**
 * Cuts a file that was not written to its end behind its last whole fragment, and says what is left. A file of which
 * nothing can be played is removed. Throws what the system says of the disk; a file that is gone has nothing left.
 */
export function mendRecording(path: string): PlayableExtent {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return { bytes: 0, durationMs: 0 };
    throw caught;
  }
  try {
    const { size } = fstatSync(file);
    const read: ReadBytes = (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.byteLength, offset));
    };
    const extent = playableExtent(size, read);
    if (extent.bytes === 0) unlinkSync(path);
    else if (extent.bytes < size) ftruncateSync(file, extent.bytes);
    return extent;
  } finally {
    closeSync(file);
  }
}
