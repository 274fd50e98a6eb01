import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** 256 random bits, fit for a URL. */
export const createToken = (): string => randomBytes(32).toString('base64url');

/** Hashes have one length, so comparing them tells neither length nor prefix of the token. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export interface Door {
  /** `127.0.0.1:PORT` or `localhost:PORT`, nothing else: a name that was rebound to this machine does not get in. */
  hostAllowed(headers: IncomingHttpHeaders): boolean;
  /** Absent (a program, a plain navigation) or exactly the origin of the Host it was sent to. */
  originAllowed(headers: IncomingHttpHeaders): boolean;
  /** The token, or a pass that nobody has used; a pass is used up by this. */
  admits(presented: string): boolean;
  /**
   * Lets one browser in, once, within a minute. For the arguments of the program that opens it: every user of the machine
   * can read those, so the token itself must not stand there.
   */
  createPass(): string;
  /** By cookie or `Authorization: Bearer`. */
  isKnown(headers: IncomingHttpHeaders): boolean;
  readonly setCookie: string;
}

const passMs = 60_000;

/** Decides who may speak to the gateway on `port`. */
export function createDoor(port: number, token: string): Door {
  const hosts: ReadonlySet<string> = new Set([`127.0.0.1:${String(port)}`, `localhost:${String(port)}`]);
  const expected = digest(token);
  // Browsers share cookies between the ports of a host: two Nightshifts side by side need two names.
  const cookieName = `nightshift-${String(port)}`;
  const tokenAllowed = (given: string | null): boolean => given !== null && timingSafeEqual(digest(given), expected);
  /** By digest: until when it is good. */
  const passes = new Map<string, number>();
  const usePass = (given: string): boolean => {
    const key = digest(given).toString('hex');
    const untilMs = passes.get(key) ?? -Infinity;
    passes.delete(key);
    return performance.now() < untilMs;
  };

  return {
    hostAllowed: ({ host }) => host !== undefined && hosts.has(host),
    originAllowed: ({ origin, host }) => origin === undefined || origin === `http://${host ?? ''}`,
    admits: (presented) => tokenAllowed(presented) || usePass(presented),
    createPass: () => {
      const pass = createToken();
      passes.set(digest(pass).toString('hex'), performance.now() + passMs);
      return pass;
    },
    isKnown: ({ cookie, authorization }) =>
      tokenAllowed(bearerToken(authorization)) || tokenAllowed(cookieValue(cookie, cookieName)),
    setCookie: `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  };
}

function bearerToken(authorization: string | undefined): string | null {
  return /^Bearer ([\w-]+)$/.exec(authorization ?? '')?.[1] ?? null;
}

function cookieValue(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}
