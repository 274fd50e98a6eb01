import { createSocket, type Socket } from 'node:dgram';
import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { parseSOAPString } from 'onvif/lib/utils.js';
import type { OnvifDevice } from '../../../shared/domain/onvif.ts';
import { networkPlace, refusedAddress } from '../../../shared/network-address.ts';
import { MediaFault } from '../media-fault.ts';
import { openRules } from '../resolve-host.ts';
import { listAt, textAt } from './soap-values.ts';

/** Where WS-Discovery asks everybody (OASIS, Web Services Dynamic Discovery 1.1). */
const everybody = { address: '239.255.255.250', port: 3702 } as const;
/** More than any network that is looked through by hand; what comes beyond it is left out. */
const mostDevices = 256;
/** UDP loses messages; a device answers the same message once. */
const askedAtMs = [0, 400] as const;

export interface DiscoveryTarget {
  readonly address: string;
  readonly port: number;
}

/**
 * Asks for ONVIF cameras and gathers answers for a while.
 * @param target null: by multicast, in each network of this machine. @throws MediaFault
 */
export async function discoverCameras(waitMs: number, target: DiscoveryTarget | null): Promise<readonly OnvifDevice[]> {
  const found = new Map<string, OnvifDevice>();
  const message = probeMessage(randomUUID());
  const sockets = await Promise.all(ownAddresses(target).map(openSocket));
  const opened = sockets.filter((socket) => socket !== null);
  if (opened.length === 0) throw new MediaFault('unreadable', 'No network of this machine can be asked for cameras.');
  try {
    for (const socket of opened) {
      socket.on('message', (answer, { address }) => {
        for (const device of devicesIn(answer.toString('utf8'), address)) {
          if (found.size < mostDevices) found.set(device.address, device);
        }
      });
      socket.on('error', () => undefined); // one network less
    }
    const { address, port } = target ?? everybody;
    for (const atMs of askedAtMs.filter((ms) => ms < waitMs)) {
      setTimeout(() => {
        for (const socket of opened) socket.send(message, port, address, () => undefined);
      }, atMs);
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  } finally {
    for (const socket of opened) socket.close();
  }
  return [...found.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
}

/** The devices that an answer names; none where it is anything else. `sender`: by which of its addresses it is reached. */
export function devicesIn(xml: string, sender: string): readonly OnvifDevice[] {
  let body: unknown = null;
  try {
    parseSOAPString(xml, (error, parsed) => (body = error === null ? parsed : null), 200);
  } catch {
    return [];
  }
  return listAt(body, 'probeMatches', 'probeMatch').flatMap((match) => {
    const places = (textAt(match, 'XAddrs') ?? '').split(/\s+/).flatMap((address) => {
      const place = /^https?:\/\//i.test(address) ? networkPlace(address) : null;
      return place === null || refusedAddress(place, openRules) !== null ? [] : [{ address, host: place.host }];
    });
    const best = places.find(({ host }) => host === sender) ?? places[0];
    if (best === undefined) return [];
    const scopes = textAt(match, 'scopes') ?? '';
    return [{ ...best, name: scopeOf(scopes, 'name'), hardware: scopeOf(scopes, 'hardware') }];
  });
}

function scopeOf(scopes: string, kind: 'name' | 'hardware'): string | null {
  const text = new RegExp(`onvif://www\\.onvif\\.org/${kind}/(\\S+)`, 'i').exec(scopes)?.[1];
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text).replace(/_/g, ' ').slice(0, 100);
  } catch {
    return text.slice(0, 100);
  }
}

/** From which of its own addresses this machine asks: multicast leaves by one network only. */
function ownAddresses(target: DiscoveryTarget | null): readonly (string | null)[] {
  if (target !== null) return [null];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

/** Null: this network cannot be asked. */
function openSocket(address: string | null): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind(0, address ?? undefined, () => {
      socket.removeAllListeners('error');
      try {
        if (address !== null) socket.setMulticastInterface(address);
        resolve(socket);
      } catch {
        socket.close();
        resolve(null);
      }
    });
  });
}

const probeMessage = (id: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">
<s:Header>
<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>
<a:MessageID>urn:uuid:${id}</a:MessageID>
<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>
</s:Header>
<s:Body>
<d:Probe xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>
</s:Body>
</s:Envelope>`;
