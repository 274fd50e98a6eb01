import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { keyFileSecrets } from '../app/secrets/key-file-secrets.ts';
import { desktopSecrets, type Keychain } from './secrets.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-secrets-'));
  folders.push(folder);
  return folder;
}

/** Turns every byte round: enough to see who encrypted what. */
const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));
const keychain = (backend: string, isAvailable = true): Keychain => ({
  isEncryptionAvailable: () => isAvailable,
  getSelectedStorageBackend: () => backend,
  encryptString: (text) => turned(Buffer.from(text, 'utf8')),
  decryptString: (bytes) => turned(bytes).toString('utf8'),
});

test('a keychain is used where there is one, and reads what the command line encrypted', async () => {
  const folder = dataFolder();
  const desktop = desktopSecrets(keychain('gnome_libsecret'), folder);
  const terminal = keyFileSecrets(folder);
  expect(desktop.protection).toBe('system');
  const sealed = await desktop.encrypt('s3cret');
  expect(sealed).not.toContain('s3cret');
  expect(await desktop.decrypt(sealed)).toBe('s3cret');
  expect(terminal.canRead(sealed)).toBe(false);
  const other = await terminal.encrypt('other');
  expect(desktop.canRead(other)).toBe(true);
  expect(await desktop.decrypt(other)).toBe('other');
});

test.each([
  ['a key that everybody knows', keychain('basic_text')],
  ['none at all', keychain('unknown', false)],
])('a desktop with %s gets the key file, and says so', async (_name, chain) => {
  const folder = dataFolder();
  const desktop = desktopSecrets(chain, folder);
  expect(desktop.protection).toBe('key-file');
  const sealed = await desktop.encrypt('s3cret');
  expect(await keyFileSecrets(folder).decrypt(sealed)).toBe('s3cret');
  expect(desktop.canRead('system:AAAA')).toBe(false);
});

test('a keychain that is locked says what to do', async () => {
  const locked = {
    ...keychain('kwallet6'),
    decryptString: (): string => {
      throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.');
    },
  };
  await expect(desktopSecrets(locked, dataFolder()).decrypt('system:AAAA')).rejects.toMatchObject({
    kind: 'conflict',
    hint: expect.stringContaining('Unlock the keychain') as string,
  });
});
