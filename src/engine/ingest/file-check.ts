import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { MediaFault, systemFault } from './media-fault.ts';

const headBytes = 4096;

/**
 * Looks at a file before any decoder does: is it there, readable, a file, not empty, and not a text that only points
 * elsewhere. Playlists and session descriptions make FFmpeg open other files and addresses, so they are refused by
 * what they contain, whatever their name says.
 * @returns the first bytes.
 * @throws MediaFault
 */
export function checkFile(path: string): Uint8Array {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a named pipe would hold the thread here until somebody writes into it.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw systemFault((error as NodeJS.ErrnoException).code ?? 'EIO', error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw systemFault('EISDIR');
    if (!stat.isFile()) throw new MediaFault('unsupported', 'This is a device or pipe, not a file.');
    if (stat.size === 0) throw new MediaFault('empty', 'The file is empty (0 bytes).');
    const head = new Uint8Array(Math.min(headBytes, stat.size));
    const read = readSync(descriptor, head, 0, head.byteLength, 0);
    refusePointers(head.subarray(0, read));
    return head.subarray(0, read);
  } catch (error) {
    if (error instanceof MediaFault) throw error;
    throw systemFault((error as NodeJS.ErrnoException).code ?? 'EIO', error);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the disk gives the first bytes of a file, as many as containers look at when they are opened. */
export function startIsReadable(path: string): boolean {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, 'r');
    readSync(descriptor, new Uint8Array(4 * 1024 * 1024), 0, 4 * 1024 * 1024, 0);
    return true;
  } catch {
    return false;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function refusePointers(head: Uint8Array): void {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 1024))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  const what = /^#EXTM3U/.test(text)
    ? 'an HLS playlist'
    : /^ffconcat version/.test(text)
      ? 'a concat list'
      : /^v=0\r?\n/.test(text)
        ? 'a session description (SDP)'
        : /^<(\?xml[^>]*>\s*)?<?MPD/.test(text) || /^<\?xml[\s\S]{0,400}<MPD/.test(text)
          ? 'a DASH manifest'
          : /^\[Reference\]|^RTSPtext/i.test(text)
            ? 'a link to a stream'
            : null;
  if (what !== null) {
    throw new MediaFault('unsupported', `This file is ${what}: it holds no picture itself, it points to other places.`);
  }
}
