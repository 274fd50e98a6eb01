import type { SecretsProtection } from '../../shared/domain/camera.ts';

/**
 * Keeps texts unreadable at rest. Handed in by the host: the desktop has the system's keychain, the command line a key
 * file. What one host encrypted another may not be able to read; `canRead` says so without trying.
 */
export interface Secrets {
  /** Of what is encrypted from now on. */
  readonly protection: SecretsProtection;
  /** Sets aside what is damaged beyond reading. @returns where it lies now; null: nothing is. */
  repair(): Promise<string | null>;
  encrypt(text: string): Promise<string>;
  canRead(sealed: string): boolean;
  /** @throws NightshiftError with what to do about it. */
  decrypt(sealed: string): Promise<string>;
}
