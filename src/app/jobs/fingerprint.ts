import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const SAMPLE_BYTES = 1024 * 1024;

/**
 * The content fingerprint of a file: SHA-256 over its size and three samples of 1 MiB (start, middle, end); files up
 * to 3 MiB are hashed whole. Reads at most 3 MiB of any file, so that a night of long videos starts at once.
 */
export async function fingerprint(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256').update(`${String(size)}\n`);
    const starts = size <= 3 * SAMPLE_BYTES ? null : [0, Math.floor((size - SAMPLE_BYTES) / 2), size - SAMPLE_BYTES];
    if (starts === null) {
      hash.update(await file.readFile());
    } else {
      const buffer = Buffer.alloc(SAMPLE_BYTES);
      for (const start of starts) {
        let filled = 0;
        while (filled < SAMPLE_BYTES) {
          const { bytesRead } = await file.read(buffer, filled, SAMPLE_BYTES - filled, start + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        hash.update(buffer.subarray(0, filled));
      }
    }
    return `sha256:${hash.digest('hex')}`;
  } finally {
    await file.close();
  }
}
