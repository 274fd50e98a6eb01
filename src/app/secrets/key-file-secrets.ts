import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { access, chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NightshiftError } from '../../shared/errors.ts';
import type { Secrets } from './secrets.ts';

const mark = 'key-file:';
const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;

/** In the data folder, readable by its owner alone. */
export const keyFileName = 'camera-logins.key';

/**
 * AES-256-GCM under a key that lies in the data folder (mode 0600). Weaker than a keychain: whoever can read that folder
 * as its owner can read the passwords too; a copy of the database alone is of no use. The file is made when something is
 * encrypted for the first time, and is whole under its name or not there. One that is damaged is set aside, never written
 * over: somebody may have a copy to mend it from.
 */
export function keyFileSecrets(dataDir: string): Secrets {
  const file = join(dataDir, keyFileName);
  /** One after the other: two that find no key would make two. */
  let writing: Promise<unknown> = Promise.resolve();
  const keyForWriting = (): Promise<Buffer> => {
    const key = writing.then(async () => {
      await setAsideIfDamaged(file);
      return (await readKey(file)) ?? (await makeKey(file));
    });
    writing = key.catch(() => undefined);
    return key;
  };

  return {
    protection: 'key-file',
    repair: () => {
      const aside = writing.then(() => setAsideIfDamaged(file));
      writing = aside.catch(() => undefined);
      return aside;
    },
    canRead: (sealed) => sealed.startsWith(mark),
    encrypt: async (text) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', await keyForWriting(), iv);
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return mark + Buffer.concat([iv, cipher.getAuthTag(), hidden]).toString('base64');
    },
    decrypt: async (sealed) => {
      const found = await readKey(file);
      if (found === null) throw unreadable(file, 'The key file of the camera passwords is gone.');
      const bytes = Buffer.from(sealed.slice(mark.length), 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', found, bytes.subarray(0, ivBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
      } catch {
        throw unreadable(file, 'The camera passwords were encrypted with another key file.');
      }
    },
  };
}

/** Null: there is none. */
async function readKey(file: string): Promise<Buffer | null> {
  const key = await contentOf(file);
  if (key === null) return null;
  if (key.length !== keyBytes) throw unreadable(file, 'The key file of the camera passwords is damaged.');
  await chmod(file, 0o600).catch(() => undefined); // a folder that was copied may have lost it
  return key;
}

async function contentOf(file: string): Promise<Buffer | null> {
  const text = await readFile(file, 'utf8').catch((caught: NodeJS.ErrnoException) => {
    if (caught.code === 'ENOENT') return null;
    throw unreadable(file, `The key file of the camera passwords cannot be read (${caught.code ?? caught.message}).`);
  });
  return text === null ? null : Buffer.from(text.trim(), 'base64');
}

/** @returns where it lies now; null: it is whole, or there is none. */
async function setAsideIfDamaged(file: string): Promise<string | null> {
  const key = await contentOf(file);
  if (key === null || key.length === keyBytes) return null;
  for (let number = 1; ; number++) {
    const aside = `${file}.damaged${number === 1 ? '' : `-${String(number)}`}`;
    const isTaken = await access(aside).then(
      () => true,
      () => false,
    );
    if (isTaken) continue;
    await rename(file, aside);
    return aside;
  }
}

/** Whole on the disk before it has its name: a power cut leaves no key, or this one. */
async function makeKey(file: string): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  const partial = `${file}.partial`;
  await rm(partial, { force: true }); // of a start that was cut off
  const written = await open(partial, 'wx', 0o600);
  try {
    await written.writeFile(`${key.toString('base64')}\n`);
    await written.sync();
  } finally {
    await written.close();
  }
  await rename(partial, file);
  await syncFolder(dirname(file));
  return key;
}

/** The new name is on the disk too, where the system lets a folder be told so (Windows does it by itself). */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r').catch(() => null);
  if (opened === null) return;
  await opened.sync().catch(() => undefined);
  await opened.close();
}

const unreadable = (file: string, message: string): NightshiftError =>
  new NightshiftError({
    kind: 'conflict',
    message,
    where: file,
    hint: 'Put that file back, or give the cameras their passwords again (nightshift cameras set-password).',
  });
