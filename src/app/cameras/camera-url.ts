import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cameraSchemes, type CameraLogin, type CameraStatus } from '../../shared/domain/camera.ts';
import { NightshiftError, type ErrorKind } from '../../shared/errors.ts';
import { canonicalHost, networkPlace, refusedAddress, type AddressRules } from '../../shared/network-address.ts';
import { parseUsbAddress, usbExample, usbUrl } from '../../shared/usb-address.ts';
import { hasSecretValue, redactTyped, withoutSecretValues } from '../../shared/redact-addresses.ts';

/** A camera's URL, read once and taken apart: from here on nobody needs the text that was typed. */
export interface CameraAddress {
  /** In one spelling, without user name and password. */
  readonly url: string;
  /** As it may be shown, stored and written: values that let somebody in are left out as well. */
  readonly shown: string;
  readonly login: CameraLogin | null;
}

/** FFmpeg keeps the login of an RTSP address in so many bytes, and cuts off the rest without a word. */
const longestLogin = 127;

/**
 * Checks a camera's URL against the scheme allow-list and brings it to one spelling, so that FFmpeg reads what was
 * checked: hosts in every notation become plain ones, `file:` paths become absolute `file:///…` URLs (relative ones start
 * at `workingDir`). `bad-input` says what is wrong, without what was secret in it; nothing is opened here.
 */
export function readCameraUrl(text: string, workingDir: string): CameraAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !(cameraSchemes as readonly string[]).includes(scheme)) {
    throw refusal(
      // What comes behind an unknown beginning may be anything, a user name before a password too.
      scheme === undefined ? text : `${scheme}:…`,
      scheme === undefined ? 'This is not a camera URL.' : `Cameras cannot be opened by "${scheme}:".`,
      'Use rtsp://…, http://… (MJPEG), usb:/dev/video0, file:clip.mp4 or test:.',
    );
  }
  if (text.includes('\0')) throw refusal(text, 'This camera URL has a character in it that no address has.');
  if (scheme === 'test') return plain(text);
  if (scheme === 'usb') {
    const usb = parseUsbAddress(text);
    if (typeof usb === 'string') throw refusal(text, usb, `Example: ${usbExample}`);
    return plain(usbUrl(usb));
  }
  if (scheme === 'file') {
    const path = text.startsWith('file://') ? fileUrlPath(text) : resolve(workingDir, text.slice('file:'.length));
    return plain(pathToFileURL(path).href);
  }
  return readNetworkUrl(text, scheme);
}

/** The checked address alone, without login. @throws as `readCameraUrl` */
export const normaliseCameraUrl = (text: string, workingDir: string): string => readCameraUrl(text, workingDir).url;

/** How the list of cameras shows this URL. @throws as `readCameraUrl` */
export const shownCameraUrl = (text: string, workingDir: string): string => readCameraUrl(text, workingDir).shown;

/** The address with its login, for the decoder alone. @throws NightshiftError where a decoder would cut the login off */
export function addressWithLogin(url: string, login: CameraLogin | null): string {
  if (login === null || !isNetworkUrl(url)) return url;
  const part = `${escaped(login.user)}:${escaped(login.password)}`;
  if (/^rtsps?:/i.test(url) && part.length > longestLogin) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'User name and password together are too long for a camera: everything beyond letters counts three.',
      where: withoutSecretValues(url),
      hint: `The limit is ${String(longestLogin - 1)} characters.`,
    });
  }
  return url.replace('://', `://${part}@`);
}

export const isNetworkUrl = (url: string): boolean => /^(rtsps?|https?):/i.test(url);

/** @throws NightshiftError `bad-input`, or `needs-consent` where an operator may agree to it. */
export function checkReach(url: string, shown: string, rules: AddressRules): void {
  const place = isNetworkUrl(url) ? networkPlace(url) : null;
  if (place === null) return;
  const refused = refusedAddress(place, rules);
  if (refused === null) return;
  throw refusal(shown, refused.message, refused.hint, refused.asks ? 'needs-consent' : 'bad-input');
}

/** Whether a login that was given for one address may go to another: only to the same machine. */
export const isSameMachine = (url: string, other: string): boolean => {
  const host = networkPlace(url)?.host;
  return host !== undefined && host === networkPlace(other)?.host;
};

/** Pictures from the network count from their arrival; files and patterns from when they are due. */
export const latencyFrom = (url: string): CameraStatus['latencyFrom'] =>
  /^(file|test):/i.test(url) ? 'due' : 'arrival';

function readNetworkUrl(text: string, scheme: string): CameraAddress {
  // Browsers and decoders read these differently, or leave them out: what is checked would not be what is opened.
  if (/[\u0000-\u0020\u007f\\]/.test(text)) {
    throw refusal(text, 'This camera URL has a space, a backslash or a control character in it.', example);
  }
  const match = /^[^:]+:\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text);
  if (match === null) throw refusal(text, 'This camera URL cannot be read.', example);
  const [, authority = '', path = '', query = '', fragment = ''] = match;
  const at = authority.lastIndexOf('@');
  const place = authority.slice(at + 1);
  if (`${path}${query}${fragment}`.includes('@')) {
    throw refusal(
      text,
      'This camera URL has an @ behind its host, so it is not clear where a password ends.',
      'In a password write %2F for /, %3F for ? and %23 for #, or give user and password apart; elsewhere write %40 for @.',
    );
  }
  const parsed = parse(`${scheme}://${place}${path}${query}`, text);
  const [, hostText = '', portText = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(place) ?? [];
  const host = canonicalHost(hostText);
  if (host === null || hostText === '') throw refusal(text, 'This camera URL has no host.', example);
  const written = host.includes(':') ? `[${host}]` : host;
  const pathname = path === '' ? '' : parsed.pathname;
  const url = `${scheme}://${written}${portText === '' ? '' : `:${portText}`}${pathname}${parsed.search}`;
  const login = at < 0 ? null : loginOf(authority.slice(0, at), text);
  checkReach(url, redactTyped(text), { ownPorts: [], allowLoopback: true });
  return { url, shown: withoutSecretValues(url), login };
}

function loginOf(text: string, typed: string): CameraLogin | null {
  if (text === '' || text === ':') return null;
  const colon = text.indexOf(':');
  const user = decoded(colon < 0 ? text : text.slice(0, colon));
  const password = colon < 0 ? '' : decoded(text.slice(colon + 1));
  if (/[\u0000-\u001f\u007f]/.test(user + password)) {
    throw refusal(typed, 'User name and password cannot have control characters in them.');
  }
  return { user, password };
}

/** As it stands where it is no escape: passwords may have a `%` in them. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Quotes and brackets too: what a decoder says of an address is redacted by where the address ends. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Where a part of the path or query lets somebody in, the URL that is shown lacks it, and cannot be opened by itself. */
export const isShownWhole = ({ url, shown }: CameraAddress): boolean => url === shown && !hasSecretValue(url);

const plain = (url: string): CameraAddress => ({ url, shown: url, login: null });

const example = 'Example: rtsp://user:password@192.0.2.10:554/stream1';

function parse(url: string, typed: string): URL {
  try {
    return new URL(url);
  } catch {
    // Its cause would name the whole address.
    throw refusal(typed, 'This camera URL cannot be read.', example);
  }
}

function refusal(text: string, message: string, hint?: string, kind: ErrorKind = 'bad-input'): NightshiftError {
  return new NightshiftError({ kind, message, where: redactTyped(text), ...(hint === undefined ? {} : { hint }) });
}

function fileUrlPath(text: string): string {
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new NightshiftError(
      {
        kind: 'bad-input',
        message: 'This file URL cannot be read.',
        where: redactTyped(text),
        hint: 'Example: file:///videos/gate.mp4 or file:gate.mp4',
      },
      { cause },
    );
  }
}
