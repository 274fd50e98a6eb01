import type { IncomingMessage } from 'node:http';
import { NightshiftError } from '../../shared/errors.ts';

/** Far above any call's input; `review.mark` with 10,000 ids has 80 kB. */
export const maxBodyBytes = 1024 * 1024;

/** The body is longer than it may be; what came after the limit was not read. */
export class BodyTooLarge extends Error {}

/** The whole body. Throws BodyTooLarge. */
export async function readBytes(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw new BodyTooLarge();
  const parts: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not destroy the socket that the answer needs.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new BodyTooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** JSON of a request; an empty body is `undefined` (calls without input). Throws `bad-input` or BodyTooLarge. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBytes(request, maxBodyBytes);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new NightshiftError({ kind: 'bad-input', message: 'The body is not JSON.' }, { cause });
  }
}

/** `application/json`, with parameters or without: what a form of another page cannot send unasked. */
export const isJson = (request: IncomingMessage): boolean =>
  /^application\/json\s*(;|$)/i.test(request.headers['content-type']?.trim() ?? '');
