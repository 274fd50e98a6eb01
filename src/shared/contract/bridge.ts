import type { Bridge } from './calls.ts';
import type { EventMessage } from './events.ts';

/**
 * What the preload script puts on `window.nightshift`; absent in a browser, where the same contract is spoken over HTTP
 * and WebSockets.
 */
export interface NightshiftBridge {
  /** One function a call: `window.nightshift.calls['app.overview'](undefined)`. Errors are values. */
  readonly calls: Bridge;
  /** Returns its own undo. */
  readonly onEvent: (listener: (message: EventMessage) => void) => () => void;
}

/**
 * How a page gets live pictures inside Electron. A MessagePort cannot cross the context bridge, so the page makes the
 * channel and posts one end to its own window, from where the preload script hands it to the host:
 *
 *     const { port1, port2 } = new MessageChannel();
 *     window.postMessage(openMediaMessage, window.location.origin, [port2]);
 *     port1.onmessage = ({ data }) => … decodeMedia(data as ArrayBuffer) …
 *     port1.postMessage({ type: 'watch', cameraId, maxFps } satisfies MediaRequest);
 *
 * One port a page: a second one replaces the first.
 */
export const openMediaMessage = 'nightshift:open-media';

/** The only channels between a page and the Electron host. */
export const ipcChannels = {
  /** invoke: (call name, input) → Result. */
  call: 'nightshift:call',
  /** host → page: EventMessage. */
  event: 'nightshift:event',
  /** page → host, with one MessagePort. */
  media: 'nightshift:media',
} as const;

/** Scheme and host of the page inside Electron; its origin is `nightshift://app`. */
export const pageScheme = 'nightshift';
export const pageHost = 'app';
