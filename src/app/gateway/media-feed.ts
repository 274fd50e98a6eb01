import type { WebSocket } from 'ws';
import { maxPictureBytes } from '../../shared/contract/media.ts';
import { parseMediaRequest } from '../../shared/contract/media-requests.ts';
import type { App } from '../app.ts';

/** The client broke the protocol. */
const violation = 1008;
/** One picture a camera is under way at most, so a wall of tiles stays far below; beyond it nobody reads. */
const closeBytes = 4 * maxPictureBytes;

/** Live pictures for one WebSocket, with the acknowledgements of `shared/contract/media.ts`. */
export function serveMedia(app: Pick<App, 'openViewer'>, socket: WebSocket): void {
  const viewer = app.openViewer((picture) => {
    if (socket.bufferedAmount > closeBytes) socket.terminate();
    else socket.send(picture, { binary: true });
  });
  socket.on('message', (data, isBinary) => {
    const request = isBinary ? null : parseMediaRequest(parseJson(data));
    if (request === null) socket.close(violation, 'not a media request');
    else viewer.request(request);
  });
  socket.on('close', () => {
    viewer.close();
  });
}

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return null;
  }
}
