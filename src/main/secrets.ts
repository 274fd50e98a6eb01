import type { SafeStorage } from 'electron';
import { keyFileSecrets } from '../app/secrets/key-file-secrets.ts';
import type { Secrets } from '../app/secrets/secrets.ts';
import { NightshiftError } from '../shared/errors.ts';

const mark = 'system:';

/** What is used of Electron's. */
export type Keychain = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> & {
  /** Linux only. `basic_text` is a key that everybody knows: no protection. */
  getSelectedStorageBackend?: () => string;
};

/**
 * The system's keychain: Keychain, DPAPI, kwallet or libsecret. A desktop without one gets the key file of the command
 * line instead, and says so; what that encrypted is read here in any case. Asked once it is used: the keychain is there
 * only when Electron is ready.
 */
export function desktopSecrets(keychain: Keychain, dataDir: string): Secrets {
  const keyFile = keyFileSecrets(dataDir);
  const hasKeychain = (): boolean => {
    if (!keychain.isEncryptionAvailable()) return false;
    return process.platform !== 'linux' || keychain.getSelectedStorageBackend?.() !== 'basic_text';
  };
  return {
    get protection() {
      return hasKeychain() ? 'system' : 'key-file';
    },
    repair: () => keyFile.repair(),
    encrypt: async (text) =>
      hasKeychain() ? mark + keychain.encryptString(text).toString('base64') : keyFile.encrypt(text),
    canRead: (sealed) => keyFile.canRead(sealed) || (sealed.startsWith(mark) && hasKeychain()),
    decrypt: async (sealed) => {
      if (keyFile.canRead(sealed)) return keyFile.decrypt(sealed);
      try {
        return keychain.decryptString(Buffer.from(sealed.slice(mark.length), 'base64'));
      } catch (cause) {
        throw new NightshiftError(
          {
            kind: 'conflict',
            message: "This system's keychain does not open the camera's password.",
            hint: 'Unlock the keychain and start again, or give the camera its password once more.',
          },
          { cause },
        );
      }
    },
  };
}
