import { createReadStream } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { STATUS_CODES, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { NightshiftError, toErrorValue } from '../../shared/errors.ts';
import type { App } from '../app.ts';
import type { Log } from '../ports.ts';
import type { Door } from './access.ts';
import { createDoor } from './access.ts';
import { dispatch } from './dispatch.ts';
import type { EventFeed, EventFeedCounts } from './event-feed.ts';
import { createEventFeed } from './event-feed.ts';
import { serveMedia } from './media-feed.ts';
import { pictureReply } from './picture-routes.ts';
import { rendererFile } from './renderer-files.ts';
import type { Reply } from './reply.ts';
import { errorReply, isFileSlice, jsonReply, statusOf } from './reply.ts';
import { BodyTooLarge, isJson, maxBodyBytes, readJson } from './request-body.ts';
import { securityHeaders } from './security-headers.ts';
import { stillPicture } from './stills.ts';

export interface GatewayOptions {
  readonly app: App;
  /** The built page; null: calls and sockets only (a host without a browser's page). */
  readonly rendererDir: string | null;
  /** 0: any free one. */
  readonly port: number;
  readonly token: string;
  readonly log: Log;
}

export interface GatewayCounts extends EventFeedCounts {
  readonly viewers: number;
  /** Requests and upgrades turned away with 401 or 403. */
  readonly refused: number;
}

export interface Gateway {
  /** With the token: for the browser's address line or a terminal. */
  readonly url: string;
  /** The same for the arguments of another program: it lets one browser in, once, within a minute. */
  createPassUrl(): string;
  readonly port: number;
  counts(): GatewayCounts;
  /** Ends every connection; resolves once the port is free. */
  close(): Promise<void>;
}

const host = '127.0.0.1';
const maxConnections = 128;
/** A window has two; a hand-over one. */
const maxSockets = 64;
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
  // A missing Host is refused like a wrong one, with the headers that every answer has.
  requireHostHeader: false,
} as const;
/** Media requests are a line of JSON; listeners of events have nothing to say. */
const maxSocketMessageBytes = 16 * 1024;

/**
 * Serves one App on this machine's loopback and nowhere else: the page, calls, stills, events, live pictures, and pictures
 * from programs (`/v1`).
 * Every request needs the exact Host, an absent or exact Origin, and the token.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { app, log, rendererDir, token } = options;
  const server = createServer(limits);
  server.maxConnections = maxConnections;
  const port = await listen(server, options.port);
  const door = createDoor(port, token);
  const events = createEventFeed(app, log);
  const hideQueues = app.addQueueSource(events.queues);
  const sockets = { events: socketServer(), media: socketServer() };
  let refused = 0;

  const socketCount = (): number => sockets.events.clients.size + sockets.media.clients.size;
  const socketOrigin = ({ headers }: IncomingMessage): string | null =>
    door.hostAllowed(headers) ? `ws://${headers.host ?? ''}` : null;
  const barred = (request: IncomingMessage): Reply | null => {
    const reply = refusal(door, request);
    if (reply !== null) refused++;
    return reply;
  };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request)
      .catch((caught: unknown) => {
        const error = toErrorValue(caught);
        log.error('request failed', { path: pathOf(request), message: error.message });
        return errorReply(error);
      })
      .then((reply) => send(request, response, reply, socketOrigin(request)))
      // Only the connection can fail here, and then there is nobody left to tell.
      .catch(() => response.destroy());
  });

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(rawReply(malformed(), null));
  });
  server.on('error', (error) => {
    log.error('gateway', { message: error.message });
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const name = pathOf(request).slice(1);
    const reply =
      barred(request) ??
      (name !== 'events' && name !== 'media' ? noSuchAddress(request) : null) ??
      (socketCount() >= maxSockets ? tooManySockets() : null);
    if (reply !== null || (name !== 'events' && name !== 'media')) {
      socket.end(rawReply(reply ?? noSuchAddress(request), socketOrigin(request)));
      return;
    }
    sockets[name].handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      if (name === 'events') events.add(client);
      else serveMedia(app, client);
    });
  });

  async function answer(request: IncomingMessage): Promise<Reply> {
    const url = parseUrl(request.url ?? '/', port);
    if (url === null) return malformed();
    const presented = url.pathname === '/' && request.method === 'GET' ? url.searchParams.get('token') : null;
    if (presented !== null && originRefusal(door, request) === null && door.admits(presented)) {
      const headers = { location: '/', 'set-cookie': door.setCookie, 'cache-control': 'no-store' };
      return { status: 303, headers, body: null };
    }
    const reply = barred(request);
    if (reply !== null) return reply;

    const call = /^\/api\/([\w.]+)$/.exec(url.pathname)?.[1];
    if (call !== undefined) {
      return request.method === 'POST' ? answerCall(app, call, request, log) : notAllowed('POST');
    }
    const picture = await pictureReply(app.pictures, url, request);
    if (picture !== null) return picture;
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed('GET, HEAD');
    return (
      (await stillPicture(app, url)) ??
      (rendererDir === null
        ? noSuchAddress(request)
        : await rendererFile(rendererDir, url.pathname, request.headers.range ?? null))
    );
  }

  const urlWith = (key: string): string => `http://${host}:${String(port)}/?token=${key}`;
  return {
    url: urlWith(token),
    createPassUrl: () => urlWith(door.createPass()),
    port,
    counts: () => ({ ...events.counts(), viewers: sockets.media.clients.size, refused }),
    close: () => {
      hideQueues();
      return closeAll(server, events, Object.values(sockets));
    },
  };
}

/** The events of a call travel on the socket; its answer is a Result, with the HTTP status of its error's kind. */
async function answerCall(app: App, name: string, request: IncomingMessage, log: Log): Promise<Reply> {
  if (!isJson(request)) {
    return errorReply({ kind: 'bad-input', message: 'Send the input as content-type application/json.' }, 415);
  }
  let input: unknown;
  try {
    input = await readJson(request);
  } catch (caught) {
    if (!(caught instanceof BodyTooLarge)) return errorReply(toErrorValue(caught));
    request.resume();
    return errorReply({ kind: 'bad-input', message: `The input is longer than ${String(maxBodyBytes)} bytes.` }, 413);
  }
  const result = await dispatch(app, name, input, log);
  return jsonReply(result.ok ? 200 : statusOf(result.error.kind), result);
}

function originRefusal(door: Door, { headers }: IncomingMessage): Reply | null {
  if (!door.hostAllowed(headers)) {
    return errorReply({ kind: 'unauthorised', message: 'Nightshift answers to its own address only.' }, 403);
  }
  if (!door.originAllowed(headers)) {
    return errorReply({ kind: 'unauthorised', message: 'Another page may not use Nightshift.' }, 403);
  }
  return null;
}

function refusal(door: Door, request: IncomingMessage): Reply | null {
  const reply = originRefusal(door, request);
  if (reply !== null || door.isKnown(request.headers)) return reply;
  return errorReply({
    kind: 'unauthorised',
    message: 'This address needs the token of this run.',
    hint: 'Open the whole link that Nightshift printed when it started.',
  });
}

const noSuchAddress = (request: IncomingMessage): Reply =>
  errorReply({ kind: 'not-found', message: 'There is nothing at this address.', where: pathOf(request) });

const malformed = (): Reply => errorReply({ kind: 'bad-input', message: 'The request is malformed.' });

const notAllowed = (allow: string): Reply => {
  const reply = errorReply({ kind: 'unsupported', message: `This address takes ${allow} only.` }, 405);
  return { ...reply, headers: { ...reply.headers, allow } };
};

const tooManySockets = (): Reply =>
  errorReply({ kind: 'conflict', message: `More than ${String(maxSockets)} sockets are open.` }, 503);

const pathOf = (request: IncomingMessage): string => request.url?.split('?', 1)[0] ?? '/';

function parseUrl(text: string, port: number): URL | null {
  try {
    return new URL(text, `http://${host}:${String(port)}`);
  } catch {
    return null;
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  socketOrigin: string | null,
): Promise<void> {
  response.writeHead(reply.status, { ...securityHeaders(socketOrigin), ...reply.headers });
  const { body } = reply;
  if (request.method === 'HEAD' || body === null) response.end();
  else if (!isFileSlice(body)) response.end(body);
  else if (body.end < body.start) response.end();
  else await pipeline(createReadStream(body.file, { start: body.start, end: body.end }), response);
}

/** For a bare connection: a refused upgrade, or a request that is no HTTP. */
function rawReply(reply: Reply, socketOrigin: string | null): string {
  const body = typeof reply.body === 'string' ? reply.body : '';
  const headers = {
    ...securityHeaders(socketOrigin),
    ...reply.headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${String(reply.status)} ${STATUS_CODES[reply.status] ?? ''}`;
  return [status, ...lines, '', body].join('\r\n');
}

function socketServer(): WebSocketServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxSocketMessageBytes, perMessageDeflate: false });
  server.on('wsClientError', (_error, socket) => socket.end(rawReply(malformed(), null)));
  return server;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new NightshiftError(
          {
            kind: taken ? 'conflict' : 'internal',
            message: taken ? `Port ${String(port)} is in use.` : `Cannot listen on ${host}: ${cause.message}`,
            where: `${host}:${String(port)}`,
            hint: 'Choose another port, or leave the port out to get a free one.',
          },
          { cause },
        ),
      );
    });
    server.listen({ host, port, exclusive: true }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** 1001: the host goes away. */
const goingAway = 1001;

async function closeAll(server: Server, events: EventFeed, sockets: readonly WebSocketServer[]): Promise<void> {
  events.close();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  for (const { clients } of sockets) {
    for (const client of clients) {
      client.close(goingAway);
      client.terminate();
    }
  }
  server.closeAllConnections();
  await closed;
}
