import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cameraSchemes } from '../../shared/domain/camera.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';

const LINK_LOCAL = /^(169\.254\.|\[?fe[89ab][0-9a-f]:)/i;

/**
 * Checks a camera's URL against the scheme allow-list and brings it to one spelling: `file:` paths become absolute
 * `file:///…` URLs (relative ones start at `workingDir`). `bad-input` says what is wrong; nothing is opened here.
 */
export function normaliseCameraUrl(text: string, workingDir: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !(cameraSchemes as readonly string[]).includes(scheme)) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: scheme === undefined ? 'This is not a camera URL.' : `Cameras cannot be opened by "${scheme}:".`,
      where: redactAddresses(text),
      hint: 'Use rtsp://…, http://… (MJPEG), file:clip.mp4 or test:.',
    });
  }
  if (scheme === 'test') return text;
  if (scheme === 'file') {
    const path = text.startsWith('file://') ? fileUrlPath(text) : resolve(workingDir, text.slice('file:'.length));
    return pathToFileURL(path).href;
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new NightshiftError(
      {
        kind: 'bad-input',
        message: 'This camera URL cannot be read.',
        where: redactAddresses(text),
        hint: 'Example: rtsp://user:password@192.0.2.10:554/stream1',
      },
      { cause },
    );
  }
  if (url.hostname === '') {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'This camera URL has no host.',
      where: redactAddresses(text),
    });
  }
  if (LINK_LOCAL.test(url.hostname)) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'Link-local addresses are not cameras.',
      where: redactAddresses(text),
      hint: 'Use the address that the camera has in your network.',
    });
  }
  return text;
}

function fileUrlPath(text: string): string {
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new NightshiftError(
      {
        kind: 'bad-input',
        message: 'This file URL cannot be read.',
        where: text,
        hint: 'Example: file:///videos/gate.mp4 or file:gate.mp4',
      },
      { cause },
    );
  }
}
