/** What a numeric network address stands for, as far as cameras are concerned. */
export type AddressKind = 'metadata' | 'link-local' | 'loopback' | 'other';

/** Where a camera may not be, beyond what is never allowed. */
export interface AddressRules {
  /** TCP ports on which this application listens, on loopback. */
  readonly ownPorts: readonly number[];
  /** An operator has agreed to http and https on this machine. RTSP is always allowed there: restreamers run on it. */
  readonly allowLoopback: boolean;
}

/** Why an address is refused, in words. `asks`: an operator may agree to it. */
export interface AddressRefusal {
  readonly message: string;
  readonly hint: string;
  readonly asks: boolean;
}

/**
 * One spelling for every way to write a host: numbers in decimal, octal or hex, full-width digits, escapes and a dot at
 * the end become dotted IPv4; IPv6 loses its brackets and its zone. Null: it is no host.
 */
export function canonicalHost(host: string): string | null {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, (zone) => (host.includes(':') ? '' : zone));
  const written = bare.includes(':') ? `[${bare}]` : bare;
  try {
    // Only the addresses of "special" schemes are read so thoroughly.
    const { hostname } = new URL(`http://${written}/`);
    return hostname === '' ? null : hostname.replace(/^\[|\]$/g, '');
  } catch {
    return null;
  }
}

/** Where clouds tell a machine its own credentials, besides link-local addresses. */
const metadataHosts: readonly string[] = [
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
];

/** @param host a numeric address or a name; a name says nothing until it is resolved, but for `localhost`. */
export function addressKind(host: string): AddressKind {
  const canonical = canonicalHost(host);
  if (canonical === null) return 'other';
  if (/(^|\.)localhost\.?$/.test(canonical)) return 'loopback';
  const bytes = bytesOf(canonical);
  if (bytes === null) return 'other';
  const inside = bytes.length === 16 ? embeddedIpv4(bytes) : bytes;
  const looked = inside ?? bytes;
  if (metadataHosts.includes(textOf(looked)) || metadataHosts.includes(canonical)) return 'metadata';
  const [a = 0, b = 0] = looked;
  if (looked.length === 4) {
    if (a === 169 && b === 254) return 'link-local';
    // Systems take 0.0.0.0 for themselves.
    return a === 127 || a === 0 ? 'loopback' : 'other';
  }
  if (a === 0xfe && (b & 0xc0) === 0x80) return 'link-local';
  return looked.slice(0, 15).every((byte) => byte === 0) && (looked[15] ?? 0) <= 1 ? 'loopback' : 'other';
}

/** Null: a camera may be there. @param host numeric, or a name that is not resolved yet. */
export function refusedAddress(
  { scheme, host, port }: { readonly scheme: string; readonly host: string; readonly port: number },
  { ownPorts, allowLoopback }: AddressRules,
): AddressRefusal | null {
  const kind = addressKind(host);
  if (kind === 'metadata' || kind === 'link-local') {
    return {
      message: 'Link-local and metadata addresses are not cameras.',
      hint: 'Use the address that the camera has in your network.',
      asks: false,
    };
  }
  if (kind !== 'loopback') return null;
  if (ownPorts.includes(port)) {
    return {
      message: 'This is the address of Nightshift itself.',
      hint: 'Use the address of the camera, or of the program that restreams it.',
      asks: false,
    };
  }
  if (allowLoopback || !/^https?$/.test(scheme)) return null;
  return {
    message: 'This address is on this machine itself, where web servers are seldom cameras.',
    hint: 'If a program there does restream a camera, agree to it: confirm it in the window, or give --allow-loopback.',
    asks: true,
  };
}

const defaultPorts: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322, http: 80, https: 443 };

/** Scheme, host and port of a network camera's URL; null where it cannot be read as one. */
export function networkPlace(url: string): { scheme: string; host: string; port: number } | null {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  const scheme = parsed.protocol.slice(0, -1);
  const host = canonicalHost(parsed.hostname);
  if (host === null) return null;
  return { scheme, host, port: parsed.port === '' ? (defaultPorts[scheme] ?? 0) : Number(parsed.port) };
}

function bytesOf(canonical: string): readonly number[] | null {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(canonical)) return canonical.split('.').map(Number);
  if (!canonical.includes(':')) return null;
  const [head = '', tail] = canonical.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...middle, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

const startsWith = (bytes: readonly number[], ...start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);

/** Mapped, translated (two kinds), NAT64 and 6to4 addresses lead to an IPv4 one; null: this one does not. */
function embeddedIpv4(bytes: readonly number[]): readonly number[] | null {
  const zeros = (from: number, to: number): boolean => bytes.slice(from, to).every((byte) => byte === 0);
  const last = bytes.slice(12);
  if (startsWith(bytes, 0x20, 0x02)) return bytes.slice(2, 6);
  if (startsWith(bytes, 0x00, 0x64, 0xff, 0x9b) && zeros(4, 12)) return last;
  if (zeros(0, 10) && bytes[10] === 0xff && bytes[11] === 0xff) return last;
  if (zeros(0, 8) && bytes[8] === 0xff && bytes[9] === 0xff && zeros(10, 12)) return last;
  if (zeros(0, 12) && !zeros(12, 15)) return last;
  return null;
}

const textOf = (bytes: readonly number[]): string => (bytes.length === 4 ? bytes.join('.') : '');
