import { NightshiftError } from '../../shared/errors.ts';
import { readOwnerFile } from './owner-file.ts';

/** An `owned-elsewhere` error of the store's lock with the owner's process in it, where its file tells; others as they are. */
export async function nameOwner(caught: unknown, dataDir: string): Promise<unknown> {
  if (!(caught instanceof NightshiftError) || caught.kind !== 'owned-elsewhere') return caught;
  const owner = await readOwnerFile(dataDir);
  if (owner === null) return caught;
  return new NightshiftError(
    {
      kind: 'owned-elsewhere',
      message: `Another Nightshift (process ${String(owner.pid)}) has this data folder open.`,
      where: dataDir,
      hint: 'Use that one, close it, or choose another data folder with --data.',
    },
    { cause: caught },
  );
}
