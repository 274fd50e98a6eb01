import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { NightshiftError } from '../../shared/errors.ts';

/**
 * The bytes of a model, if they are the ones that its manifest names. What was verified is what gets loaded: the file is
 * not opened a second time. Rejects with `model-rejected`.
 */
export async function readModelFile(file: string, sha256: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new NightshiftError(
      {
        kind: 'model-rejected',
        message: `The model file cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
        where: file,
        hint: "Check that it exists and that this account may read it, or restore the model's folder.",
      },
      { cause },
    );
  }
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual === sha256) return bytes;
  throw new NightshiftError({
    kind: 'model-rejected',
    message: `The model file is not the one that its manifest describes: sha256 ${actual}, expected ${sha256}.`,
    where: file,
    hint: 'Restore the file, or write the new hash into manifest.json if the change is wanted.',
  });
}
