import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What listens on this machine; `end` takes it away. */
export interface HttpCamera {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly end: () => void;
}

export async function httpCamera(answer: RequestListener): Promise<HttpCamera> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    end: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Sends the picture so often, and ends the stream. */
export const sendingPictures =
  (jpeg: Uint8Array, most: number, everyMs = 30): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
    let sent = 0;
    const timer = setInterval(() => {
      response.write(`--next\r\nContent-Type: image/jpeg\r\nContent-Length: ${String(jpeg.byteLength)}\r\n\r\n`);
      response.write(jpeg);
      response.write('\r\n');
      if (++sent < most) return;
      clearInterval(timer);
      response.end('--next--\r\n');
    }, everyMs);
    response.on('close', () => {
      clearInterval(timer);
    });
  };
