import { lookup } from 'node:dns/promises';
import { networkPlace, refusedAddress, type AddressRules } from '../../shared/network-address.ts';
import { MediaFault } from './media-fault.ts';

/** What is never allowed, and nothing else. */
export const openRules: AddressRules = { ownPorts: [], allowLoopback: true };

/**
 * Looks the URL's host up, once: FFmpeg reports an unknown name as a plain I/O error, and a name may lead where no camera
 * may be. @returns the addresses to connect to, in order; a name that is looked up again could answer something else.
 * @throws MediaFault
 */
export async function resolveHost(url: string, rules: AddressRules, signal: AbortSignal): Promise<readonly string[]> {
  const place = networkPlace(url);
  if (place === null) throw new MediaFault('unsupported', 'The camera address cannot be read: it names no host.');
  const addresses = await lookUp(place.host, signal);
  for (const host of [place.host, ...addresses]) {
    const refused = refusedAddress({ ...place, host }, rules);
    if (refused !== null) throw new MediaFault('unsupported', `${refused.message} ${refused.hint}`);
  }
  return addresses;
}

async function lookUp(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
  try {
    const found = await Promise.race([lookup(host, { all: true, order: 'ipv4first' }), ended]);
    return found.map(({ address }) => address);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new MediaFault('unreadable', inWords(host, (error as NodeJS.ErrnoException).code ?? 'DNS'));
  }
}

/**
 * The URL with the address in the place of the name. TLS keeps the name, which it is about: what only answers to its
 * certificate's name is no metadata service.
 */
export function atAddress(url: string, address: string): { readonly url: string; readonly hostHeader: string | null } {
  const match = /^(rtsp|http)(:\/\/(?:[^@/?#]*@)?)(\[[^\]]*\]|[^:/?#]*)(.*)$/i.exec(url);
  if (match === null) return { url, hostHeader: null };
  const [, scheme = '', login = '', host = '', rest = ''] = match;
  const port = /^:\d+/.exec(rest)?.[0] ?? '';
  const pinned = `${scheme}${login}${address.includes(':') ? `[${address}]` : address}${rest}`;
  return { url: pinned, hostHeader: scheme.toLowerCase() === 'http' ? host + port : null };
}

const inWords = (host: string, code: string): string =>
  code === 'EAI_AGAIN'
    ? `The name server did not answer for ${host} (${code}).`
    : `No machine is called ${host} (${code}).`;
