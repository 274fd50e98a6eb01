import { openMediaMessage, type NightshiftBridge } from '../shared/contract/bridge.ts';
import type { CallInput, CallName, CallOutput } from '../shared/contract/calls.ts';
import type { EventMessage } from '../shared/contract/events.ts';
import { decodeMedia, type MediaRequest, type Picture } from '../shared/contract/media.ts';
import type { StreamBatch } from '../shared/contract/stream.ts';
import { failed, type Result } from '../shared/errors.ts';

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** `retryAtMs` is when the next attempt begins by itself. */
  | { readonly state: 'lost'; readonly sinceMs: number; readonly retryAtMs: number };

/** The application behind this window. Every listener registration returns its own undo. */
export interface Api {
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallOutput<K>>>;
  onEvent(listener: (message: EventMessage) => void): () => void;
  /** Tells the present state at once, then every change. */
  onConnection(listener: (connection: Connection) => void): () => void;
  readonly media: {
    request(message: MediaRequest): void;
    onPicture(listener: (picture: Picture) => void): () => void;
    /** A camera's own packets. */
    onStream(listener: (batch: StreamBatch) => void): () => void;
    /** The stream is new: whoever watches has to ask again. */
    onOpen(listener: () => void): () => void;
  };
}

declare global {
  interface Window {
    readonly nightshift?: NightshiftBridge;
  }
}

/** The preload's bridge in the Electron window; HTTP and WebSocket on the page's own origin in a browser. */
export function connect(): Api {
  return window.nightshift === undefined ? overHttp() : overBridge(window.nightshift);
}

function overBridge(bridge: NightshiftBridge): Api {
  const media = new MediaListeners();
  const { port1, port2 } = new MessageChannel();
  window.postMessage(openMediaMessage, window.location.origin, [port2]);
  port1.onmessage = ({ data }) => {
    media.hear(data as ArrayBuffer);
  };
  return {
    call: async (name, input) => bridge.calls[name](input),
    onEvent: (listener) => bridge.onEvent(listener),
    onConnection(listener) {
      listener({ state: 'open' });
      return () => undefined;
    },
    media: {
      request: (message) => {
        port1.postMessage(message);
      },
      onPicture: (listener) => media.pictures.add(listener),
      onStream: (listener) => media.streams.add(listener),
      onOpen: () => () => undefined,
    },
  };
}

class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();
  add(listener: (value: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }
  tell(value: T): void {
    for (const listener of this.#all) listener(value);
  }
}

/** Whoever listens to what comes over the media path. */
class MediaListeners {
  readonly pictures = new Listeners<Picture>();
  readonly streams = new Listeners<StreamBatch>();

  hear(message: ArrayBuffer): void {
    const media = decodeMedia(message);
    if (media.kind === 'picture') this.pictures.tell(media.picture);
    else this.streams.tell(media.batch);
  }
}

function overHttp(): Api {
  const events = new Listeners<EventMessage>();
  const heard = new MediaListeners();
  const connections = new Listeners<Connection>();
  const mediaOpenings = new Listeners<undefined>();
  let connection: Connection = { state: 'connecting' };
  const become = (next: Connection): void => {
    connection = next;
    connections.tell(next);
  };

  keepOpen('/events', {
    opened: () => {
      become({ state: 'open' });
    },
    message: (data) => {
      events.tell(JSON.parse(data as string) as EventMessage);
    },
    lost: (retryAtMs) => {
      become({ state: 'lost', sinceMs: connection.state === 'lost' ? connection.sinceMs : Date.now(), retryAtMs });
    },
  });
  const media = keepOpen('/media', {
    opened: () => {
      mediaOpenings.tell(undefined);
    },
    message: (data) => {
      heard.hear(data as ArrayBuffer);
    },
    lost: () => undefined,
  });

  return {
    call: callOverHttp,
    onEvent: (listener) => events.add(listener),
    onConnection(listener) {
      listener(connection);
      return connections.add(listener);
    },
    media: {
      request: (message) => {
        media.send(JSON.stringify(message));
      },
      onPicture: (listener) => heard.pictures.add(listener),
      onStream: (listener) => heard.streams.add(listener),
      onOpen: (listener) => mediaOpenings.add(listener),
    },
  };
}

/** Browsers refuse to send what is kept alive once 64 KiB of it are under way: a list of cameras has more. */
const mostKeptAlive = 4_096;

async function callOverHttp<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallOutput<K>>> {
  let response: Response;
  const body = JSON.stringify(input ?? null);
  try {
    response = await fetch(`/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // A removal that waits for its undo is sent while the page closes.
      keepalive: body.length <= mostKeptAlive,
    });
  } catch {
    return failed({ kind: 'unreachable', message: 'Nightshift did not answer.', where: location.origin });
  }
  try {
    return (await response.json()) as Result<CallOutput<K>>;
  } catch {
    return failed({
      kind: response.status === 401 || response.status === 403 ? 'unauthorised' : 'internal',
      message: `${name} was answered with status ${String(response.status)}.`,
    });
  }
}

const retryDelaysMs = [500, 1000, 2000, 4000] as const;

/** A WebSocket that is opened again for as long as the page lives. Messages sent while it is away are dropped. */
function keepOpen(
  path: string,
  on: { opened: () => void; message: (data: unknown) => void; lost: (retryAtMs: number) => void },
): { send: (text: string) => void } {
  let socket: WebSocket;
  let attempts = 0;
  const open = (): void => {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      attempts = 0;
      on.opened();
    };
    socket.onmessage = (message) => {
      on.message(message.data);
    };
    socket.onclose = () => {
      const delayMs = retryDelaysMs[Math.min(attempts, retryDelaysMs.length - 1)] ?? 4000;
      attempts += 1;
      on.lost(Date.now() + delayMs);
      setTimeout(open, delayMs);
    };
  };
  open();
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
  };
}
