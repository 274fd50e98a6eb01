import type { MessagePortMain, WebContents } from 'electron';
import type { App, MediaViewer } from '../app/app.ts';
import { dispatch } from '../app/gateway/dispatch.ts';
import type { Log } from '../app/ports.ts';
import { ipcChannels } from '../shared/contract/bridge.ts';
import { isReplacedByNext } from '../shared/contract/event-weight.ts';
import { parseMediaRequest } from '../shared/contract/media-requests.ts';
import type { Result } from '../shared/errors.ts';
import { failed, toErrorValue } from '../shared/errors.ts';
import { handleFromPage, onFromPage } from './page-sender.ts';

/**
 * Calls and live pictures of every window. The window is there before the application is: what it asks meanwhile waits
 * for `running`. Returns its own undo.
 */
export function serveIpc(running: Promise<App>, log: Log): () => void {
  const viewers = new Map<WebContents, MediaViewer>();

  const stopCalls = handleFromPage<Result<unknown>>(
    ipcChannels.call,
    failed({ kind: 'unauthorised', message: 'Only the window of Nightshift may call it.' }),
    async (_event, name, input) => {
      try {
        return await dispatch(await running, name, input, log);
      } catch (caught) {
        return failed(toErrorValue(caught));
      }
    },
  );

  const stopMedia = onFromPage(ipcChannels.media, (event) => {
    const [port] = event.ports;
    if (port === undefined) return;
    running
      .then((app) => {
        viewers.get(event.sender)?.close();
        const viewer = serveMedia(app, port, () => {
          if (viewers.get(event.sender) === viewer) viewers.delete(event.sender);
        });
        viewers.set(event.sender, viewer);
      })
      // Why there is no application is told where it is composed.
      .catch(() => {
        port.close();
      });
  });

  return () => {
    stopCalls();
    stopMedia();
    for (const viewer of viewers.values()) viewer.close();
  };
}

/** Live pictures through one port, with the acknowledgements of `shared/contract/media.ts`. */
function serveMedia(app: App, port: MessagePortMain, onClosed: () => void): MediaViewer {
  const viewer = app.openViewer((picture) => {
    port.postMessage(picture.buffer);
  });
  port.on('message', ({ data }: { data: unknown }) => {
    const request = parseMediaRequest(data);
    if (request === null) port.close();
    else viewer.request(request);
  });
  port.on('close', () => {
    viewer.close();
    onClosed();
  });
  port.start();
  return viewer;
}

/**
 * Pushes every event to one window until it is gone. A window that hangs would let Chromium's queue grow without end:
 * while it does, events that the next one replaces are left out.
 */
export function pushEvents(app: App, page: WebContents, log: Log): void {
  let hanging = false;
  let leftOut = 0;
  page.on('unresponsive', () => {
    hanging = true;
  });
  page.on('responsive', () => {
    hanging = false;
    log.warn('the window answers again', { eventsLeftOut: leftOut });
    leftOut = 0;
  });
  const stop = app.subscribe((message) => {
    if (hanging && isReplacedByNext(message.event)) leftOut++;
    else if (!page.isCrashed()) page.send(ipcChannels.event, message);
  });
  page.once('destroyed', stop);
}
