import { join } from 'node:path';
import { drawTestPattern, type TestPattern } from '../test-pattern.ts';
import { drawAccessUnits, writeAccessUnits } from './access-units.ts';
import { FaultProxy, type Fault } from './fault-proxy.ts';
import { RtspServer, type RtspMount } from './rtsp-server.ts';

/** What is done to a camera, and what has to be seen of it. */
export interface CameraFault {
  readonly name: string;
  readonly fault: Exclude<Fault, { is: 'path' }> | { readonly is: 'other codec' } | { readonly is: 'other size' };
  /** The connection is given up, for a reason in these words; null: it is survived. */
  readonly words: RegExp | null;
}

const broken = /ended the stream|broken off|broke|closed before|answer|sent no picture|refused/;
export const faults: readonly CameraFault[] = [
  { name: 'drop', fault: { is: 'drop' }, words: broken },
  { name: 'reset', fault: { is: 'reset' }, words: broken },
  { name: 'half-open', fault: { is: 'half-open' }, words: /sent no picture|answer/ },
  { name: 'drip', fault: { is: 'drip' }, words: /sent no picture|answer/ },
  { name: 'garbage', fault: { is: 'garbage' }, words: /sent no picture|ended the stream|broke|not an RTSP|answer/ },
  { name: 'burst', fault: { is: 'hold' }, words: /sent no picture|answer/ },
  { name: '401', fault: { is: 'unauthorized' }, words: /401|ended the stream|broke/ },
  { name: 'redirects', fault: { is: 'redirect' }, words: /answer|ended the stream|broke|redirect/ },
  { name: 'other codec', fault: { is: 'other codec' }, words: broken },
  { name: 'other size', fault: { is: 'other size' }, words: null },
  { name: 'an hour forwards', fault: { is: 'stamps', jumpMs: 3_600_000 }, words: null },
  { name: 'an hour back', fault: { is: 'stamps', jumpMs: -3_600_000 }, words: null },
  { name: 'stamps stand still', fault: { is: 'stamps', jumpMs: 'constant' }, words: null },
];

/** A real RTSP server with what the faults need: a size and a codec to change to, and a path that nothing happens to. */
export class FaultServer implements AsyncDisposable {
  readonly #server: RtspServer;
  readonly #units: Readonly<Record<'small' | 'large', string>>;

  private constructor(server: RtspServer, units: Readonly<Record<'small' | 'large', string>>) {
    this.#server = server;
    this.#units = units;
  }

  static async open(folder: string): Promise<FaultServer> {
    const draw = async (codec: 'h264' | 'h265', pattern: TestPattern): Promise<string> =>
      writeAccessUnits(
        join(folder, `${codec} ${String(pattern.width)}`),
        await drawAccessUnits(
          codec,
          {
            ...pattern,
            frames: 20,
            draw: (frame, rgb) => {
              drawTestPattern(pattern, frame, rgb);
            },
          },
          join(folder, 'scratch'),
        ),
      );
    const pattern: TestPattern = { width: 320, height: 240, fps: 10, seed: 3, rectangles: 2, burst: 1 };
    const small = await draw('h264', pattern);
    const large = await draw('h264', { ...pattern, width: 480, height: 360 });
    const other = await draw('h265', pattern);
    const mount = { codec: 'h264', units: small, fps: 10, transports: ['tcp'] } as const;
    const mounts: RtspMount[] = [
      { ...mount, path: '/steady' },
      { ...mount, path: '/hit' },
      { ...mount, path: '/sized' },
      { ...mount, path: '/exchanged' },
      { ...mount, path: '/other', codec: 'h265', units: other },
    ];
    return new FaultServer(await RtspServer.start(mounts), { small, large });
  }

  get steadyUrl(): string {
    return this.#server.url('/steady');
  }

  proxy(): Promise<FaultProxy> {
    return FaultProxy.before(this.#server.port);
  }

  /** The address of the camera that is to be hit. */
  url(proxy: FaultProxy, { fault }: CameraFault): string {
    return `rtsp://127.0.0.1:${String(proxy.port)}${fault.is === 'other size' ? '/sized' : '/hit'}`;
  }

  begin(proxy: FaultProxy, { fault }: CameraFault): void {
    if (fault.is === 'other size') this.#server.show('/sized', this.#units.large);
    else if (fault.is === 'other codec') proxy.begin({ is: 'path', from: '/hit', to: '/other' });
    else proxy.begin(fault);
  }

  end(proxy: FaultProxy, { fault }: CameraFault): void {
    if (fault.is === 'other size') this.#server.show('/sized', this.#units.small);
    else proxy.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
