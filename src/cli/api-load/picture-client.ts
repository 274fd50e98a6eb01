import { Agent, request } from 'node:http';
import { NightshiftError, type ErrorValue } from '../../shared/errors.ts';
import type { LabelledDetection, PictureAnswer } from '../../shared/domain/picture-api.ts';
import type { ApiReply } from './api-load-row.ts';

/** Below what the gateway takes, so that no connection is turned away before its request is heard. */
const mostConnections = 96;

export interface PictureReply extends ApiReply {
  /** Null, both: it was refused. */
  readonly model: string | null;
  readonly detections: readonly LabelledDetection[] | null;
}

/**
 * A server may close a kept connection at the moment in which the next request is sent on it (HTTP/1.1 keep-alive): that
 * picture was not looked at and is sent again on another. A fresh connection that breaks is a failure, so this ends.
 */
class KeptConnectionClosed extends Error {}

/** Sends pictures to one gateway over connections that are kept. */
export class PictureClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: mostConnections });
  readonly #url: URL;
  readonly #token: string;

  /** @param gatewayUrl with its token, as `serve` prints it. */
  constructor(gatewayUrl: string) {
    const url = new URL(gatewayUrl);
    this.#token = url.searchParams.get('token') ?? '';
    this.#url = url;
  }

  /** Answers 200, 503 and 504; anything else is no answer to a load and is thrown. */
  async infer(jpeg: Uint8Array, query: Readonly<Record<string, string>>): Promise<PictureReply> {
    const path = `/v1/infer?${new URLSearchParams(query).toString()}`;
    for (;;) {
      try {
        return await this.#post(path, jpeg);
      } catch (caught) {
        if (!(caught instanceof KeptConnectionClosed)) throw caught;
      }
    }
  }

  #post(path: string, jpeg: Uint8Array): Promise<PictureReply> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: this.#url.hostname,
          port: this.#url.port,
          path,
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': 'image/jpeg',
            'content-length': jpeg.byteLength,
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            const status = response.statusCode ?? 0;
            const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as PictureAnswer | { error: ErrorValue };
            if ('detections' in body)
              resolve({ status, batch: body.batch, runMs: body.runMs, model: body.model, detections: body.detections });
            else if (status === 503 || status === 504)
              resolve({ status, batch: 0, runMs: 0, model: null, detections: null });
            else reject(new NightshiftError(body.error));
          });
        },
      );
      sent.on('error', (error: NodeJS.ErrnoException) => {
        reject(sent.reusedSocket && error.code === 'ECONNRESET' ? new KeptConnectionClosed() : error);
      });
      sent.end(jpeg);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
