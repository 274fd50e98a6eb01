import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** How a second process reaches the host that owns a data folder. */
export interface OwnerRecord {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

const ownerRecordSchema: z.ZodType<OwnerRecord> = z.object({
  pid: z.int().positive(),
  port: z.int().min(1).max(65_535),
  token: z.string().regex(/^[\w-]{20,200}$/),
});

const ownerFile = (dataDir: string): string => path.join(dataDir, 'owner.json');

/**
 * Writes `owner.json`, readable by this user alone and never seen half written. Only the host that holds the folder's
 * lock may call it. Returns its undo, which leaves a successor's record alone.
 */
export async function writeOwnerFile(dataDir: string, record: OwnerRecord): Promise<() => Promise<void>> {
  const draft = `${ownerFile(dataDir)}.${String(record.pid)}`;
  await rm(draft, { force: true });
  // 'wx' creates: the mode holds from the first byte on, and nobody's link is followed.
  await writeFile(draft, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
  await rename(draft, ownerFile(dataDir));
  return async () => {
    const current = await readOwnerFile(dataDir);
    if (current?.token === record.token) await rm(ownerFile(dataDir), { force: true });
  };
}

/** Null: nobody has written one, or it is not understood. A record may be stale: its writer may have been killed. */
export async function readOwnerFile(dataDir: string): Promise<OwnerRecord | null> {
  try {
    return ownerRecordSchema.parse(JSON.parse(await readFile(ownerFile(dataDir), 'utf8')));
  } catch {
    return null;
  }
}
