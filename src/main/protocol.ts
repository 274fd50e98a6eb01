import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { protocol } from 'electron';
import type { App } from '../app/app.ts';
import { rendererFile } from '../app/gateway/renderer-files.ts';
import type { FileSlice, Reply } from '../app/gateway/reply.ts';
import { errorReply, isFileSlice } from '../app/gateway/reply.ts';
import { securityHeaders } from '../app/gateway/security-headers.ts';
import { stillPicture } from '../app/gateway/stills.ts';
import { pageScheme } from '../shared/contract/bridge.ts';
import { toErrorValue } from '../shared/errors.ts';
import { isPageUrl } from './page-sender.ts';

/**
 * Before the application is ready. Standard and secure: the page has an origin of its own and what browsers give to
 * https only (workers, crypto). fetch and CORS: its fonts, modules and stills are loaded with the mode of the web.
 */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: pageScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true },
    },
  ]);
}

/** Serves `nightshift://app/`: the built page at once, stills as soon as the application runs. */
export function servePage(running: Promise<App>, rendererDir: string): void {
  protocol.handle(pageScheme, async (request) => {
    try {
      return asResponse(await answer(request, running, rendererDir));
    } catch (caught) {
      return asResponse(errorReply(toErrorValue(caught)));
    }
  });
}

async function answer(request: Request, running: Promise<App>, rendererDir: string): Promise<Reply> {
  const url = new URL(request.url);
  if (!isPageUrl(request.url)) {
    return errorReply({ kind: 'not-found', message: 'There is nothing at this address.', where: request.url });
  }
  if (request.method !== 'GET') {
    return errorReply({ kind: 'unsupported', message: 'This address takes GET only.' }, 405);
  }
  const still = url.pathname.startsWith('/still/') ? await stillPicture(await running, url) : null;
  return still ?? (await rendererFile(rendererDir, url.pathname, request.headers.get('range')));
}

function asResponse({ status, headers, body }: Reply): Response {
  return new Response(isFileSlice(body) ? streamOf(body) : asBytes(body), {
    status,
    headers: { ...securityHeaders(null), ...headers },
  });
}

function streamOf({ file, start, end }: FileSlice): ReadableStream | null {
  return end < start ? null : Readable.toWeb(createReadStream(file, { start, end }));
}

/** A `Response` takes bytes that own their memory only; a still may be a view into a larger buffer. */
function asBytes(body: string | Uint8Array | null): string | Uint8Array<ArrayBuffer> | null {
  return body instanceof Uint8Array ? new Uint8Array(body) : body;
}
