import type { CameraLogin, CameraSettings } from '../../shared/domain/camera.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import type { StoredCamera } from '../../store/operations.ts';
import type { CameraLogins, Entrance, Gateway, SealedAddresses } from './camera-logins.ts';
import { checkReach, isSameMachine, readCameraUrl, type CameraAddress } from './camera-url.ts';

type Places = Pick<CameraSettings, 'url' | 'largeUrl' | 'allowLoopback'>;

/**
 * A camera's one or two addresses, from what an operator typed to what is stored: read once, checked, and their logins
 * kept apart. On one machine both streams have one login, so that a new password is a new password for both.
 */
export class CameraAddresses {
  readonly #logins: CameraLogins;
  readonly #ownPorts: ReadonlySet<number>;

  constructor(logins: CameraLogins, ownPorts: ReadonlySet<number>) {
    this.#logins = logins;
    this.#ownPorts = ownPorts;
  }

  /** What its addresses have to keep to, now. */
  reach({ allowLoopback }: Pick<Places, 'allowLoopback'>): AddressRules {
    return { ownPorts: [...this.#ownPorts], allowLoopback };
  }

  /**
   * Of a new camera. @param login counts more than what stands in the addresses
   * @throws NightshiftError
   */
  ofNew(places: Places, login: CameraLogin | null): Promise<SealedAddresses> {
    const { small, large } = this.#readBoth(places);
    return this.#seal(small, large, login, null);
  }

  /** As `ofNew`, and nothing comes of it. */
  check(places: Places, login: CameraLogin | null): void {
    const { small, large } = this.#readBoth(places);
    this.#logins.refuseCutOff(...gateways(small, large, login, null));
  }

  /**
   * After a change. A login that is kept goes on for the same machine, and is forgotten where an address names another one.
   * @param login null: from now on it has none. Left out: what the addresses say, else as above.
   */
  async after(before: StoredCamera, now: Places, login: CameraLogin | null | undefined): Promise<SealedAddresses> {
    const reach = this.reach(now);
    const { url, largeUrl } = now;
    if (login === undefined && url === before.url && largeUrl === before.largeUrl) {
      for (const shown of [url, largeUrl]) if (shown !== null) checkReach(shown, shown, reach);
      return { url, largeUrl, sealedLogin: before.sealedLogin ?? null };
    }
    const small = await this.#readAfter(url, before.url, reach, async () => (await this.#whole(before)).url);
    const large =
      largeUrl === null
        ? null
        : await this.#readAfter(largeUrl, before.largeUrl, reach, async () => {
            return (await this.#whole(before)).large?.url ?? largeUrl;
          });
    refuseOddPair(small, large);
    // What is kept is read only where it goes on: another host's keychain may have it.
    const typed = login !== undefined ? login : typedLogin(small, large);
    const isLost = this.#logins.isLost(before);
    const goesOn = login === undefined && typed === null && isSameMachine(before.url, small.url) && !isLost;
    const largeGoesOn =
      large !== null &&
      large.login === null &&
      before.largeUrl !== null &&
      // A new login must open what is locked.
      !isLost &&
      !(login !== undefined && this.#logins.isLocked(before)) &&
      !isSameMachine(small.url, large.url) &&
      isSameMachine(before.largeUrl, large.url);
    const kept = goesOn || largeGoesOn ? await this.#logins.open(before) : null;
    return this.#seal(
      small,
      large,
      goesOn ? (kept?.login ?? null) : typed,
      largeGoesOn ? (kept?.large?.login ?? null) : null,
    );
  }

  /** What is kept of a camera, for an address of it; null: nothing that may go there. */
  async kept(camera: StoredCamera, url: string): Promise<Gateway | null> {
    const { url: whole, login, large } = await this.#logins.open(camera);
    if (url === camera.url) return { url: whole, login };
    if (large !== null && url === camera.largeUrl) return large;
    return isSameMachine(camera.url, url) ? { url, login } : null;
  }

  /** For what is not shown of its addresses. */
  #whole(before: StoredCamera): ReturnType<CameraLogins['open']> {
    if (!this.#logins.isLost(before)) return this.#logins.open(before);
    throw new NightshiftError({
      kind: 'conflict',
      message: 'What is not shown of its address is lost as well.',
      where: before.url,
      hint: 'Type the whole address again, with the password.',
    });
  }

  #readBoth(places: Places): { readonly small: CameraAddress; readonly large: CameraAddress | null } {
    const reach = this.reach(places);
    const small = read(places.url, reach);
    const large = places.largeUrl === null ? null : read(places.largeUrl, reach);
    refuseOddPair(small, large);
    return { small, large };
  }

  /** As it was shown: the address stays, with what is not shown of it. */
  async #readAfter(
    now: string,
    before: string | null,
    reach: AddressRules,
    whole: () => Promise<string>,
  ): Promise<CameraAddress> {
    if (now === before) {
      const address = { url: now.includes('…') ? await whole() : now, shown: now, login: null };
      checkReach(address.url, address.shown, reach);
      return address;
    }
    if (now.includes('…')) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: 'The address has a gap where something secret was.',
        where: now,
        hint: 'Type the whole address again.',
      });
    }
    return read(now, reach);
  }

  #seal(
    small: CameraAddress,
    large: CameraAddress | null,
    login: CameraLogin | null,
    keptLarge: CameraLogin | null,
  ): Promise<SealedAddresses> {
    return this.#logins.seal(...gateways(small, large, login ?? typedLogin(small, large), keptLarge));
  }
}

function read(text: string, reach: AddressRules): CameraAddress {
  const address = readCameraUrl(text, process.cwd());
  checkReach(address.url, address.shown, reach);
  return address;
}

/** Of the camera: what stands in its address, or in that of its large stream on the same machine. */
function typedLogin(small: CameraAddress, large: CameraAddress | null): CameraLogin | null {
  if (small.login !== null || large === null) return small.login;
  return isSameMachine(small.url, large.url) ? large.login : null;
}

function gateways(
  small: CameraAddress,
  large: CameraAddress | null,
  login: CameraLogin | null,
  keptLarge: CameraLogin | null,
): readonly [Entrance, Entrance | null] {
  if (large === null) return [{ address: small, login }, null];
  const own = isSameMachine(small.url, large.url) ? null : (large.login ?? keptLarge);
  return [
    { address: small, login },
    { address: large, login: own },
  ];
}

function refuseOddPair(small: CameraAddress, large: CameraAddress | null): void {
  if (large === null) return;
  if (large.url === small.url) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'Both addresses are the same stream.',
      where: large.shown,
      hint: 'Leave the large one out: the one stream is then recorded and enlarged as well.',
    });
  }
  if (/^test:/i.test(large.url)) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'A test pattern cannot be the large stream: it has no packets to record.',
      where: large.shown,
      hint: 'Use an address of a camera, or file:clip.mp4.',
    });
  }
}
