// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- asks a camera where it leads; nothing here listens
import { request as httpRequest, type RequestOptions } from 'node:http';
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- asks a camera where it leads; nothing here listens
import { request as httpsRequest } from 'node:https';
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- asks a camera where it leads; nothing here listens
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { networkPlace } from '../../shared/network-address.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import { MediaFault } from './media-fault.ts';
import { atAddress } from './resolve-host.ts';

/** A camera behind a server that spreads its load leads on once; more is a circle. */
export const mostRedirects = 4;
/** Of an answer's head and, of OPTIONS, its body: more than this no camera sends. */
const longestAnswerBytes = 65_536;

/**
 * Where an RTSP address leads, asked on a connection of our own: FFmpeg follows such an answer wherever it leads, and
 * takes the login along. No login is sent here.
 * @param address of the URL's host, checked. @returns null: nowhere else, or it gives no answer of which that can be told
 * @throws the signal's reason
 */
export async function rtspLeadsTo(url: string, address: string, signal: AbortSignal): Promise<string | null> {
  const place = networkPlace(url);
  if (place === null) return null;
  const target = withoutLogin(atAddress(url, address).url);
  const to = { host: address, port: place.port };
  const socket =
    place.scheme === 'rtsps'
      ? // Nothing secret is sent, so it need not be known who answers.
        connectTls({ ...to, rejectUnauthorized: false, ...(isName(place.host) ? { servername: place.host } : {}) })
      : connectTcp(to);
  const end = (): void => {
    socket.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    return await ask(socket, target);
  } catch {
    signal.throwIfAborted();
    // What is wrong with it is told by whoever opens it.
    return null;
  } finally {
    signal.removeEventListener('abort', end);
    socket.destroy();
  }
}

/** The two requests that a player begins with, one after the other; a login, which would come next, is never given. */
async function ask(socket: Socket, target: string): Promise<string | null> {
  const send = (method: string, sequence: number): void => {
    const accept = method === 'DESCRIBE' ? 'Accept: application/sdp\r\n' : '';
    socket.write(
      `${method} ${target} RTSP/1.0\r\nCSeq: ${String(sequence)}\r\n${accept}User-Agent: Nightshift\r\n\r\n`,
    );
  };
  const methods = ['OPTIONS', 'DESCRIBE'] as const;
  let asked = 0;
  let heard = Buffer.alloc(0);
  send(methods[asked] ?? '', asked + 1);
  for await (const chunk of socket) {
    heard = Buffer.concat([heard, chunk as Buffer]);
    if (heard.byteLength > longestAnswerBytes) return null;
    const headBytes = heard.indexOf('\r\n\r\n');
    if (headBytes < 0) continue;
    const head = heard.toString('latin1', 0, headBytes);
    const status = Number(/^RTSP\/\d\.\d (\d{3})/.exec(head)?.[1] ?? 0);
    if (status >= 300 && status < 400) return field(head, 'Location') ?? '';
    if (status !== 200 || asked + 1 === methods.length) return null;
    const answerBytes = headBytes + 4 + Number(field(head, 'Content-Length') ?? 0);
    if (heard.byteLength < answerBytes) continue;
    heard = heard.subarray(answerBytes);
    asked += 1;
    send(methods[asked] ?? '', asked + 1);
  }
  return null;
}

const field = (head: string, name: string): string | null =>
  new RegExp(`^${name}: *(.*?) *$`, 'im').exec(head)?.[1] ?? null;

/**
 * Where an HTTP address leads that FFmpeg, which follows nothing there, could not open. As `rtspLeadsTo`.
 */
export async function httpLeadsTo(url: string, address: string, signal: AbortSignal): Promise<string | null> {
  const place = networkPlace(url);
  const parsed = URL.parse(url);
  if (place === null || parsed === null) return null;
  const options: RequestOptions = {
    host: address,
    port: place.port,
    path: `${parsed.pathname}${parsed.search}`,
    headers: { host: parsed.host },
    agent: false,
    signal,
  };
  const tls = { rejectUnauthorized: false, ...(isName(place.host) ? { servername: place.host } : {}) };
  return new Promise((resolve, reject) => {
    const request = place.scheme === 'https' ? httpsRequest({ ...options, ...tls }) : httpRequest(options);
    request.once('response', (response) => {
      const { statusCode = 0, headers } = response;
      resolve(statusCode >= 300 && statusCode < 400 ? (headers.location ?? '') : null);
      request.destroy();
    });
    request.on('error', () => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve(null);
    });
    request.end();
  });
}

/**
 * The address that a camera leads to, with the login where it may have it: nothing but a stream of the same kind, never
 * out of an encrypted connection, and a password only to the machine that it was given for.
 * @throws MediaFault
 */
export function redirected(from: string, location: string): string {
  const before = URL.parse(from);
  const to = URL.parse(location, from);
  if (before === null || to === null || location === '' || !mayFollow(before.protocol, to.protocol)) {
    throw new LedAway(
      location,
      'which is not followed: that is no address of the same kind. Use the address of its stream',
    );
  }
  to.username = '';
  to.password = '';
  if (before.username !== '') {
    if (networkPlace(from)?.host !== networkPlace(to.href)?.host) {
      throw new LedAway(to.href, "another machine, which is not given this camera's password. Use that address itself");
    }
    to.username = before.username;
    to.password = before.password;
  }
  return to.href;
}

/** Longer ones no camera has; whoever sends one anyway would fill notices, histories and terminals with it. */
const longestShown = 500;
const control = /[\u0000-\u001f\u007f-\u009f]/g;

/** What is wrong with the leading of a camera, or where it leads to. */
export class LedAway extends MediaFault {
  constructor(to: string, words: string) {
    const place = to === '' || to.length > longestShown ? 'another address' : redactAddresses(to.replace(control, '�'));
    super('unreadable', `The camera leads to ${place}, ${words.replace(/\.$/, '')}.`);
  }
}

/** `rtsp:` to `rtsps:`, but not back, and never between RTSP and HTTP. */
const mayFollow = (from: string, to: string): boolean => to === from || to === `${from.replace(':', '')}s:`;

const isName = (host: string): boolean => !/^[\d.]+$|:/.test(host);

function withoutLogin(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search}`;
}
