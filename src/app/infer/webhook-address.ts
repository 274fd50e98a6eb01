import { BlockList, isIP } from 'node:net';
import { NightshiftError } from '../../shared/errors.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Addresses that no webhook has: link-local ones (cloud metadata answers there), other metadata services, no hosts at all. */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('224.0.0.0', 3, 'ipv4');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('::', 'ipv6');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
// Other ways to write an IPv4 address; the mapped one (::ffff:…) is looked up in the IPv4 rules by itself.
refused.addSubnet('64:ff9b::', 96, 'ipv6');
refused.addSubnet('2002::', 16, 'ipv6');

const isIn = (list: BlockList, address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
};

/** Why nothing is sent to this address under this scheme; null: it may be. Asked of every address that a name has. */
export function addressRefusal(protocol: string, address: string): string | null {
  if (isIP(address) === 0) return `"${address}" is no address.`;
  if (isIn(refused, address)) return `Nothing is sent to ${address}: link-local and metadata addresses are refused.`;
  if (protocol === 'http:' && !isIn(loopback, address)) {
    return `Plain http goes to this machine only, not to ${address}: use https.`;
  }
  return null;
}

/** The host as an IP address, where it is one. */
function literalAddress(url: URL): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}

/** Throws `bad-input` for what can be told from the address alone; its names are looked at when something is sent. */
export function parseWebhook(text: string): URL {
  const refuse = (message: string): NightshiftError =>
    new NightshiftError({
      kind: 'bad-input',
      message,
      where: 'webhook',
      hint: 'Give an https address, or http://127.0.0.1:PORT/… for a program on this machine.',
    });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('The webhook is no address.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refuse(`A webhook cannot have the scheme "${url.protocol}".`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('A webhook cannot carry a name and password in its address.');
  }
  const address = literalAddress(url);
  const why = address === null ? null : addressRefusal(url.protocol, address);
  if (why !== null) throw refuse(why);
  if (address === null && url.protocol === 'http:' && url.hostname !== 'localhost') {
    throw refuse(`Plain http goes to this machine only, not to ${url.hostname}.`);
  }
  return url;
}
