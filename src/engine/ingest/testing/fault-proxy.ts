import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { InterleavedRewriter } from './interleaved-rewriter.ts';

/** What happens to a camera's connections: to those that are there, and to new ones for as long as it lasts. */
export type Fault =
  /** Closed in good order, and again whenever somebody connects. */
  | { readonly is: 'drop' }
  /** RST. */
  | { readonly is: 'reset' }
  /** Nobody is there any more, and nothing says so: what is sent is swallowed, no FIN comes. */
  | { readonly is: 'half-open' }
  /** One byte each tenth of a second. */
  | { readonly is: 'drip' }
  /** Noise instead of the stream. */
  | { readonly is: 'garbage' }
  /** Held back; when it is over, everything comes at once. */
  | { readonly is: 'hold' }
  /** RTSP answers 401, whatever is asked; what is connected is closed. */
  | { readonly is: 'unauthorized' }
  /**
   * RTSP leads to the same address for ever, or to another one; what is connected is closed. `after`: so many connections
   * are served first.
   */
  | { readonly is: 'redirect'; readonly to?: string; readonly after?: number }
  /** What is connected is closed, and whoever asks for the one path again gets the other: a camera that was exchanged. */
  | { readonly is: 'path'; readonly from: string; readonly to: string }
  /** New connections get a description without the parameters of the stream: its size is known with a keyframe. */
  | { readonly is: 'bare' }
  /** The stream goes on with other time stamps: so much later (negative: earlier), or all the same. */
  | { readonly is: 'stamps'; readonly jumpMs: number | 'constant' };

/** A TCP proxy on loopback in front of an RTSP server, which does to its connections what networks and cameras do. */
export class FaultProxy {
  readonly #server: Server;
  readonly #upstreamPort: number;
  readonly #clients = new Set<Socket>();
  readonly #pairs = new Set<Pair>();
  #fault: Fault | null = null;
  /** Connections since the fault began. */
  #faced = 0;

  private constructor(upstreamPort: number) {
    this.#upstreamPort = upstreamPort;
    this.#server = createServer((client) => {
      this.#connected(client);
    });
  }

  static async before(upstreamPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstreamPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  begin(fault: Fault): void {
    this.#fault = fault;
    this.#faced = 0;
    for (const pair of this.#pairs) pair.fault = fault;
  }

  end(): void {
    this.#fault = null;
    for (const pair of this.#pairs) pair.fault = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #faultNow(): Fault | null {
    const fault = this.#fault;
    this.#faced += 1;
    return fault?.is === 'redirect' && this.#faced <= (fault.after ?? 0) ? null : fault;
  }

  #connected(client: Socket): void {
    const fault = this.#faultNow();
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    client.on('error', () => {});
    switch (fault?.is) {
      case 'drop':
        client.resume().end();
        return;
      case 'reset':
        client.resetAndDestroy();
        return;
      case 'unauthorized':
        answerAll(client, 'RTSP/1.0 401 Unauthorized', 'WWW-Authenticate: Basic realm="gone"');
        return;
      case 'redirect':
        answerAll(client, 'RTSP/1.0 302 Moved', `Location: ${fault.to ?? `rtsp://127.0.0.1:${String(this.port)}/hit`}`);
        return;
      default: {
        const pair = new Pair(client, connect(this.#upstreamPort, '127.0.0.1'), fault ?? null);
        this.#pairs.add(pair);
        client.once('close', () => this.#pairs.delete(pair));
      }
    }
  }
}

/** RTSP in its simplest form: every request gets the same answer. */
function answerAll(client: Socket, status: string, header: string): void {
  client.on('data', (data) => {
    const sequence = /CSeq: *(\d+)/i.exec(data.toString('latin1'))?.[1] ?? '1';
    client.write(`${status}\r\nCSeq: ${sequence}\r\n${header}\r\n\r\n`);
  });
}

/** One client and its connection to the server. */
class Pair {
  readonly #client: Socket;
  readonly #stamps = new InterleavedRewriter();
  readonly #timer: NodeJS.Timeout;
  #held: Buffer = Buffer.alloc(0);
  #fault: Fault | null = null;
  readonly #path: { readonly from: string; readonly to: string } | null;

  constructor(client: Socket, server: Socket, fault: Fault | null) {
    this.#client = client;
    server.on('error', () => client.destroy());
    client.on('data', (data) => {
      if (this.#fault?.is === 'half-open') return;
      server.write(this.#path === null ? data : data.toString('latin1').replaceAll(this.#path.from, this.#path.to));
    });
    server.on('data', (data) => {
      this.#toClient(data);
    });
    client.once('close', () => {
      clearInterval(this.#timer);
      server.destroy();
    });
    server.once('end', () => client.end());
    this.#timer = setInterval(() => {
      this.#drip();
    }, 100);
    this.#path = fault?.is === 'path' ? fault : null;
    if (this.#path === null) this.fault = fault;
  }

  set fault(fault: Fault | null) {
    this.#fault = fault;
    switch (fault?.is) {
      case 'drop':
      case 'path':
      case 'unauthorized':
      case 'redirect':
        this.#client.end();
        break;
      case 'reset':
        this.#client.resetAndDestroy();
        break;
      case undefined:
        this.#flush();
        break;
      default:
        break;
    }
  }

  #toClient(data: Buffer): void {
    const fault = this.#fault;
    switch (fault?.is) {
      case 'half-open':
        return;
      case 'garbage':
        this.#client.write(noise(data));
        return;
      case 'drip':
      case 'hold':
        this.#held = Buffer.concat([this.#held, data]);
        return;
      case 'bare':
        this.#client.write(
          Buffer.from(data.toString('latin1').replace('sprop-parameter-sets', 'no-parameter-sets...'), 'latin1'),
        );
        return;
      default:
        this.#client.write(this.#stamps.rewrite(data, fault?.is === 'stamps' ? fault.jumpMs : 0));
    }
  }

  #drip(): void {
    if (this.#fault?.is !== 'drip' || this.#held.byteLength === 0) return;
    this.#client.write(this.#held.subarray(0, 1));
    this.#held = this.#held.subarray(1);
  }

  #flush(): void {
    if (this.#held.byteLength === 0) return;
    this.#client.write(this.#held);
    this.#held = Buffer.alloc(0);
  }
}

/** The same noise every time (xorshift). */
function noise(data: Buffer): Buffer {
  const noisy = Buffer.alloc(data.byteLength);
  let state = 0x9e3779b9 ^ data.byteLength;
  for (let index = 0; index < noisy.byteLength; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noisy[index] = state & 0xff;
  }
  return noisy;
}
