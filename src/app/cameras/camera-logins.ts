import { z } from 'zod';
import type { Camera, CameraLogin } from '../../shared/domain/camera.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import type { StoredCamera } from '../../store/operations.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { addressWithLogin, isNetworkUrl, isSameMachine, isShownWhole, type CameraAddress } from './camera-url.ts';

/** What of a camera is kept encrypted, as one text. */
const secretSchema = z.strictObject({
  login: z.strictObject({ user: z.string(), password: z.string() }).nullable(),
  /** Where the address that is stored for all to see lacks a value that lets somebody in. */
  url: z.string().nullable(),
  /** Of its large stream; a login only where that is on another machine. */
  large: z
    .strictObject({
      login: z.strictObject({ user: z.string(), password: z.string() }).nullable(),
      url: z.string().nullable(),
    })
    .nullable()
    .default(null),
});

/** What is stored of a camera's addresses. */
export type SealedAddresses = Pick<StoredCamera, 'url' | 'largeUrl' | 'sealedLogin'>;

/** One address of a camera, whole, and how to get in. */
export interface Gateway {
  readonly url: string;
  readonly login: CameraLogin | null;
}

/** One address as it was read, and the login that is kept with it. */
export interface Entrance {
  readonly address: CameraAddress;
  readonly login: CameraLogin | null;
}

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

  /** @throws NightshiftError where a decoder would cut a login off: now, with the operator there, and not when it is opened */
  refuseCutOff(small: Entrance, large: Entrance | null): void {
    addressWithLogin(small.address.url, small.login);
    if (large !== null) addressWithLogin(large.address.url, large.login ?? small.login);
  }

  /** What is stored of a camera's addresses and logins. @throws as `refuseCutOff` */
  async seal(small: Entrance, large: Entrance | null): Promise<SealedAddresses> {
    this.refuseCutOff(small, large);
    return this.sealAsItIs(small, large);
  }

  /** As `seal`, of what was accepted once. */
  async sealAsItIs(small: Entrance, large: Entrance | null): Promise<SealedAddresses> {
    const shown = { url: small.address.shown, largeUrl: large?.address.shown ?? null };
    const apart = secretOf(small);
    const largeApart = large === null ? null : secretOf(large);
    if (apart === null && largeApart === null) return { ...shown, sealedLogin: null };
    const secret = { ...(apart ?? { login: null, url: null }), ...(largeApart === null ? {} : { large: largeApart }) };
    return { ...shown, sealedLogin: await this.#secrets.encrypt(JSON.stringify(secret)) };
  }

  /** @throws NightshiftError where it was encrypted by another host, or the key is gone. */
  async open({ url, largeUrl, sealedLogin }: StoredCamera): Promise<Gateway & { readonly large: Gateway | null }> {
    const plain = (large: string): Gateway => ({ url: large, login: null });
    if (sealedLogin === undefined || sealedLogin === null) {
      return { url, login: null, large: largeUrl === null ? null : plain(largeUrl) };
    }
    if (!this.#secrets.canRead(sealedLogin)) throw lockedElsewhere();
    const secret = secretSchema.parse(JSON.parse(await this.#secrets.decrypt(sealedLogin)));
    const small = { url: secret.url ?? url, login: secret.login };
    if (largeUrl === null) return { ...small, large: null };
    const large = secret.large?.url ?? largeUrl;
    const login = secret.large?.login ?? (isSameMachine(small.url, large) ? small.login : null);
    return { ...small, large: { url: large, login } };
  }

  /** Another host of this folder encrypted what is kept of it. */
  isLocked({ sealedLogin }: StoredCamera): boolean {
    return typeof sealedLogin === 'string' && !this.#secrets.canRead(sealedLogin);
  }

  /** For the messages that open them, and nowhere else. @throws as `open` */
  async fullAddresses(camera: StoredCamera): Promise<{ readonly small: string; readonly large: string | null }> {
    const { url, login, large } = await this.open(camera);
    return {
      small: addressWithLogin(url, login),
      large: large === null ? null : addressWithLogin(large.url, large.login),
    };
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

/** Null: all of it may be shown. */
function secretOf({ address, login }: Entrance): { login: CameraLogin | null; url: string | null } | null {
  const url = isShownWhole(address) ? null : address.url;
  return login === null && url === null ? null : { login, url };
}

const lockedElsewhere = (): NightshiftError =>
  new NightshiftError({
    kind: 'conflict',
    message:
      "Its password was stored by the desktop application with this system's keychain, which cannot be read here.",
    hint: 'Give it once more with `nightshift cameras set-password`: from then on both can read it.',
  });
