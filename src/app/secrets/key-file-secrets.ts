import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
 * encrypted for the first time.
 */
export function keyFileSecrets(dataDir: string): Secrets {
  const file = join(dataDir, keyFileName);
  let key: Promise<Buffer> | null = null;
  const keyForWriting = (): Promise<Buffer> => {
    key ??= readKey(file).then((found) => found ?? makeKey(file));
    key.catch(() => (key = null));
    return key;
  };

  return {
    protection: 'key-file',
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

async function readKey(file: string): Promise<Buffer | null> {
  const text = await readFile(file, 'utf8').catch((caught: NodeJS.ErrnoException) => {
    if (caught.code === 'ENOENT') return null;
    throw unreadable(file, `The key file of the camera passwords cannot be read (${caught.code ?? caught.message}).`);
  });
  if (text === null) return null;
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) throw unreadable(file, 'The key file of the camera passwords is damaged.');
  await chmod(file, 0o600).catch(() => undefined); // a folder that was copied may have lost it
  return key;
}

async function makeKey(file: string): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  await writeFile(file, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}

const unreadable = (file: string, message: string): NightshiftError =>
  new NightshiftError({
    kind: 'conflict',
    message,
    where: file,
    hint: 'Put that file back, or give the cameras their passwords again (nightshift cameras set-password).',
  });
