import { z } from 'zod';
import type { Camera, CameraLogin } from '../../shared/domain/camera.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import type { StoredCamera } from '../../store/operations.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { addressWithLogin, isNetworkUrl, isShownWhole, type CameraAddress } from './camera-url.ts';

/** What of a camera is kept encrypted, as one text. */
const secretSchema = z.strictObject({
  login: z.strictObject({ user: z.string(), password: z.string() }).nullable(),
  /** Where the address that is stored for all to see lacks a value that lets somebody in. */
  url: z.string().nullable(),
});

type SealedAddress = Pick<StoredCamera, 'url' | 'sealedLogin'>;

/** Keeps what lets one into a camera apart from everything that is shown of it, and puts them together for the engine. */
export class CameraLogins {
  readonly #secrets: Secrets;
  /** Sealed texts of this host that it could not open when it started. */
  readonly #lost = new Set<string>();

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  get protection(): Secrets['protection'] {
    return this.#secrets.protection;
  }

  /** Sets a damaged key aside. @returns what happened, in words; empty: nothing did. */
  async repair(): Promise<string> {
    try {
      const aside = await this.#secrets.repair();
      return aside === null ? '' : `The key file of the camera passwords was damaged, and lies now at ${aside}.`;
    } catch (caught) {
      return describeError(toErrorValue(caught));
    }
  }

  /**
   * Tries every password that this host should be able to read; cameras whose own it cannot count as locked until they are
   * given a new one. @returns why, in words; empty: it can read all of them.
   */
  async check(cameras: readonly StoredCamera[]): Promise<string> {
    let why = '';
    for (const camera of cameras) {
      const { sealedLogin } = camera;
      if (typeof sealedLogin !== 'string' || !this.#secrets.canRead(sealedLogin)) continue;
      try {
        await this.open(camera);
      } catch (caught) {
        why = describeError(toErrorValue(caught));
        this.#lost.add(sealedLogin);
      }
    }
    return why;
  }

  /** Whether what lets one into it could not be read when this host started. */
  isLost({ sealedLogin }: StoredCamera): boolean {
    return typeof sealedLogin === 'string' && this.#lost.has(sealedLogin);
  }

  /** What is stored of an address and its login. @throws NightshiftError where a decoder would cut the login off */
  async seal(address: CameraAddress, login: CameraLogin | null): Promise<SealedAddress> {
    // Refused now, with the operator there, and not when it is opened.
    addressWithLogin(address.url, login);
    return this.sealAsItIs(address, login);
  }

  /** As `seal`, of what was accepted once. */
  async sealAsItIs(address: CameraAddress, login: CameraLogin | null): Promise<SealedAddress> {
    const url = isShownWhole(address) ? null : address.url;
    if (login === null && url === null) return { url: address.shown, sealedLogin: null };
    return { url: address.shown, sealedLogin: await this.#secrets.encrypt(JSON.stringify({ login, url })) };
  }

  /** @throws NightshiftError where it was encrypted by another host, or the key is gone. */
  async open({
    url,
    sealedLogin,
  }: StoredCamera): Promise<{ readonly url: string; readonly login: CameraLogin | null }> {
    if (sealedLogin === undefined || sealedLogin === null) return { url, login: null };
    if (!this.#secrets.canRead(sealedLogin)) throw lockedElsewhere();
    const secret = secretSchema.parse(JSON.parse(await this.#secrets.decrypt(sealedLogin)));
    return { url: secret.url ?? url, login: secret.login };
  }

  /** For the message that opens it, and nowhere else. @throws as `open` */
  async fullAddress(camera: StoredCamera): Promise<string> {
    const { url, login } = await this.open(camera);
    return addressWithLogin(url, login);
  }

  /** As people may see it; a URL that could not be taken apart is redacted. */
  shown({ sealedLogin, ...stored }: StoredCamera): Camera {
    const { url } = stored;
    const camera = isNetworkUrl(url) && url.includes('@') ? { ...stored, url: redactAddresses(url) } : stored;
    if (sealedLogin === undefined || sealedLogin === null) return { ...camera, login: 'none' };
    const isReadable = this.#secrets.canRead(sealedLogin) && !this.#lost.has(sealedLogin);
    return { ...camera, login: isReadable ? 'kept' : 'locked' };
  }
}

const lockedElsewhere = (): NightshiftError =>
  new NightshiftError({
    kind: 'conflict',
    message:
      "Its password was stored by the desktop application with this system's keychain, which cannot be read here.",
    hint: 'Give it once more with `nightshift cameras set-password`: from then on both can read it.',
  });
