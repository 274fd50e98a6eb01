import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cameraSchemes } from '../../shared/domain/camera.ts';
import { parseUsbAddress, type UsbAddress } from '../../shared/usb-address.ts';
import { MediaFault } from './media-fault.ts';
import { parseTestPattern, type TestPattern } from './test-pattern.ts';

export type LiveAddress =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'usb'; readonly address: UsbAddress }
  | { readonly kind: 'test'; readonly pattern: TestPattern }
  | { readonly kind: 'network'; readonly url: string; readonly host: string };

/** Reads a camera's address. @throws MediaFault where it cannot be one. */
export function parseLiveAddress(url: string): LiveAddress {
  const scheme = /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || !(cameraSchemes as readonly string[]).includes(scheme)) {
    throw new MediaFault('unsupported', `A camera's address begins with one of ${cameraSchemes.join(':, ')}:.`);
  }
  switch (scheme) {
    case 'file':
      return { kind: 'file', path: filePath(url) };
    case 'usb': {
      const address = parseUsbAddress(url);
      if (typeof address === 'string') throw new MediaFault('unsupported', address);
      return { kind: 'usb', address };
    }
    case 'test':
      try {
        return { kind: 'test', pattern: parseTestPattern(url) };
      } catch (error) {
        throw new MediaFault('unsupported', (error as Error).message);
      }
    default: {
      const parsed = URL.parse(url);
      if (parsed === null || parsed.hostname === '') {
        throw new MediaFault('unsupported', 'The camera address cannot be read: it names no host.');
      }
      return { kind: 'network', url, host: parsed.hostname.replace(/^\[|\]$/g, '') };
    }
  }
}

/**
 * Its thread waits for a native read, or for the opening of a device, beside which it hears what is said: it must never
 * be ended by force meanwhile.
 */
export const isReadWithoutBlocking = (url: string): boolean => /^((rtsp|http)s?|usb):/i.test(url);

/** `file:///a%20b.mp4` and `file:/a%20b.mp4` are addresses; `file:clips/a.mp4` is a path in the working folder. */
function filePath(url: string): string {
  const rest = url.slice('file:'.length);
  if (rest === '') throw new MediaFault('unsupported', 'The camera address names no file.');
  if (rest.startsWith('/')) {
    try {
      return fileURLToPath(url);
    } catch (error) {
      throw new MediaFault('unsupported', `The file address cannot be read: ${(error as Error).message}.`);
    }
  }
  const asWritten = resolve(rest);
  if (existsSync(asWritten) || !rest.includes('%')) return asWritten;
  try {
    return resolve(decodeURIComponent(rest));
  } catch {
    return asWritten;
  }
}
